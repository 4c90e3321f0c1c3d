// Written by Fixtures/boosted_trees.py with scikit-learn 1.9.1; do not edit.

/// Accuracy and log loss in nats on the test rows of the set that the script describes.
enum ScikitTrees {
  /// HistGradientBoostingClassifier, 60 rounds.
  static let histogramAccuracy = 0.8848
  static let histogramLoss = 0.5209
  /// GradientBoostingClassifier, 100 rounds.
  static let exactAccuracy = 0.8782
  static let exactLoss = 0.4270
}
