import CKernels

/// Which numbers a product multiplies: see `kz_product` in CKernels.
///
/// A dense layer, a convolution and the gradients of both are one sum, Σ a · b over steps, for every row of the result;
/// only where its factors stand differs, and these tables say it.
struct ProductTable: Sendable {
  var steps: [kz_step] = []
  var rows: [kz_row] = []

  /// Rows of a batch that one product of a dense layer takes; larger batches go through in pieces.
  static let denseRowCount = 128

  private static func step(_ a: Int, _ b: Int) -> kz_step { kz_step(a: Int32(a), b: Int32(b)) }

  private static func row(_ a: Int, _ c: Int, side: Int = 0) -> kz_row {
    kz_row(a: Int32(a), c: Int32(c), side: Int32(side))
  }

  /// y[rows, out] = x[rows, in] * w[in, out], row r of y `outputStride` floats after row r - 1.
  static func dense(rowCount: Int, inCount: Int, outCount: Int, outputStride: Int) -> ProductTable {
    ProductTable(
      steps: (0..<inCount).map { step($0, $0 * outCount) },
      rows: (0..<rowCount).map { row($0 * inCount, $0 * outputStride, side: $0 * outputStride) })
  }

  /// dw[in, out] = x[rows, in] transposed * dy[rows, out]; the steps are as many as the batch has rows.
  static func denseWeights(rowCount: Int, inCount: Int, outCount: Int) -> ProductTable {
    ProductTable(
      steps: (0..<rowCount).map { step($0 * inCount, $0 * outCount) },
      rows: (0..<inCount).map { row($0, $0 * outCount) })
  }

  /// A convolution of one part: a row is an output position, a step a tap and input channel.
  ///
  /// - Parameter used: rows and columns of output positions that are wanted; those behind them are left out.
  static func convolution(
    _ layer: StudentShape.Layer, from x: Grid, to y: Grid, used: (rows: Int, columns: Int)? = nil
  ) -> ProductTable? {
    guard let (down, across) = layer.sweeps else { return nil }
    let used = used ?? (down.outCount, across.outCount)
    var table = ProductTable(steps: taps(layer, x))
    for row in 0..<used.rows {
      for column in 0..<used.columns {
        table.rows.append(
          self.row(window(layer, x, row: row, column: column), y.offset(row: row, column: column)))
      }
    }
    return table
  }

  /// The same with max pooling behind it: the rows of one window stand together, all with the place of their largest.
  static func pooledConvolution(_ layer: StudentShape.Layer, from x: Grid, pool: kz_pool, to y: Grid) -> ProductTable {
    var table = ProductTable(steps: taps(layer, x))
    for row in 0..<pool.down {
      for column in 0..<pool.across {
        for cell in 0..<(pool.high * pool.wide) {
          table.rows.append(
            self.row(
              window(
                layer, x, row: row * pool.high + cell / pool.wide, column: column * pool.wide + cell % pool.wide),
              y.offset(row: row, column: column), side: (row * pool.across + column) * y.channels))
        }
      }
    }
    return table
  }

  /// Where the kernel of one output position starts in its input.
  private static func window(_ layer: StudentShape.Layer, _ x: Grid, row: Int, column: Int) -> Int {
    guard let (down, across) = layer.sweeps else { return 0 }
    return x.offset(row: row * down.stride - down.padding, column: column * across.stride - across.padding)
  }

  private static func taps(_ layer: StudentShape.Layer, _ x: Grid) -> [kz_step] {
    guard let (down, across) = layer.sweeps else { return [] }
    var steps: [kz_step] = []
    for row in 0..<down.kernel {
      for column in 0..<across.kernel {
        for channel in 0..<x.channels {
          steps.append(
            step(row * x.rowStride + column * x.channels + channel, steps.count * layer.output.channels))
        }
      }
    }
    return steps
  }

  /// The gradient of its weights from one part: a row is a tap and input channel, a step an output position.
  ///
  /// - Parameter used: as for `convolution`: the gradient behind them is 0.
  static func convolutionWeights(
    _ layer: StudentShape.Layer, from x: Grid, gradient dy: Grid, used: (rows: Int, columns: Int)
  ) -> ProductTable? {
    guard let forward = convolution(layer, from: x, to: dy, used: used) else { return nil }
    return ProductTable(
      steps: forward.rows.map { kz_step(a: $0.a, b: $0.c) },
      rows: forward.steps.map { kz_row(a: $0.a, c: $0.b, side: 0) })
  }

  /// The gradient of its input from one part, one table for every phase of the stride; the weights stand tap by tap in
  /// `transposedTaps` order, each [output channels, input channels].
  static func convolutionInputs(
    _ layer: StudentShape.Layer, gradient dy: Grid, to dx: Grid, mask: Grid
  ) -> [ProductTable] {
    guard let (down, across) = layer.sweeps else { return [] }
    var tables: [ProductTable] = []
    var tapCount = 0
    for rowPhase in 0..<down.stride {
      for columnPhase in 0..<across.stride {
        var table = ProductTable()
        // Input position i reads output (i + padding - tap) / stride: one further back for every tap of its phase.
        for back in down.taps(phase: rowPhase).indices {
          for left in across.taps(phase: columnPhase).indices {
            for channel in 0..<dy.channels {
              table.steps.append(
                step(
                  channel - back * dy.rowStride - left * dy.channels, (tapCount * dy.channels + channel) * dx.channels))
            }
            tapCount += 1
          }
        }
        for row in down.positions(phase: rowPhase) {
          for column in across.positions(phase: columnPhase) {
            table.rows.append(
              self.row(
                dy.offset(row: (row + down.padding) / down.stride, column: (column + across.padding) / across.stride),
                dx.offset(row: row, column: column), side: mask.offset(row: row, column: column)))
          }
        }
        tables.append(table)
      }
    }
    return tables
  }

  /// Taps in the order in which `convolutionInputs` reads their transposed weights.
  static func transposedTaps(_ layer: StudentShape.Layer) -> [Int] {
    guard let (down, across) = layer.sweeps else { return [] }
    var taps: [Int] = []
    for rowPhase in 0..<down.stride {
      for columnPhase in 0..<across.stride {
        for row in down.taps(phase: rowPhase) {
          for column in across.taps(phase: columnPhase) { taps.append(row * across.kernel + column) }
        }
      }
    }
    return taps
  }
}

extension ProductTable {
  /// c = bias + a * b for the first `rowCount` rows (all without one) and `stepCount` steps.
  ///
  /// - Parameters:
  ///   - count: floats that `b` holds.
  ///   - mask: where it is not positive the result becomes 0.
  ///   - ending: `KZ_RELU`, `KZ_ADD`, both or `KZ_PLAIN`.
  ///   - window: rows of one window of max pooling, or 0.
  ///   - cells: which of them had the largest.
  func multiply(
    rowCount: Int? = nil, stepCount: Int? = nil, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int,
    columns: Int, bias: UnsafePointer<Float>? = nil, mask: UnsafePointer<Float>? = nil,
    into c: UnsafeMutablePointer<Float>, ending: Int, window: Int = 0, cells: UnsafeMutablePointer<UInt16>? = nil,
    on instructionSet: Int32
  ) {
    steps.withUnsafeBufferPointer { steps in
      rows.withUnsafeBufferPointer { rows in
        guard let firstStep = steps.baseAddress, let firstRow = rows.baseAddress else { return }
        var product = kz_product(
          steps: firstStep, depth: stepCount ?? steps.count, rows: firstRow, row_count: rowCount ?? rows.count,
          columns: columns, a: a, b: b, b_count: count, bias: bias, mask: mask, c: c, ending: Int32(ending),
          window: Int32(window), cells: cells)
        kz_multiply(instructionSet, &product)
      }
    }
  }
}
