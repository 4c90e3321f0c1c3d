import Wire

/// What an export has written.
public struct ExportText: TerminalText {
  private let manifest: ExportManifest
  private let folder: String

  public init(_ manifest: ExportManifest, folder: String) {
    self.manifest = manifest
    self.folder = folder
  }

  public func text(_ style: TextStyle) -> String {
    manifest.files.map { file in
      "\(printable(folder))/\(file.path): \(countText(file.rows, "row")), \(bytesText(file.bytes))"
    }.joined(separator: "\n")
  }
}
