import ControlText
import Domain
import Glibc
import Wire

/// Brings a backup of the daemon to a folder of this user's, file by file, and checks what has come.
struct FetchedBackup {
  let options: GlobalOptions
  let backup: BackupRow
  /// The folder that takes the backup's own.
  let target: String

  var folder: String { "\(target)/\(backup.stamp)" }

  /// - Throws: `Failure` where bytes are not what the manifest says; what was written is removed then.
  func run() async throws {
    try OutputFile.makeFolder(target)
    guard mkdir(folder, 0o750) == 0 else {
      throw Failure.system(errno == EACCES ? .permission : .inputOutput, "cannot make the folder \(folder)")
    }
    do {
      try await fill()
    } catch {
      remove()
      throw error
    }
  }

  private func fill() async throws {
    let progress = ProgressDisplay(output: options.output)
    defer { progress.clear() }
    let total = Double(max(1, backup.bytes))
    var done = 0
    for file in backup.files {
      guard file.isInside else { throw Daemon.unreadable("the backup names \(file.path)") }
      if file.path.contains("/") { try OutputFile.makeFolder("\(folder)/\(file.path.prefix { $0 != "/" })") }
      let output = try OutputFile("\(folder)/\(file.path)")
      while output.byteCount < file.bytes {
        let bytes = try await piece(file.path, offset: output.byteCount)
        guard !bytes.isEmpty else { break }
        try output.write(bytes)
        progress.show(
          TrainingProgress(
            stage: "fetching \(file.path)", fraction: Double(done + output.byteCount) / total, secondsLeft: nil))
      }
      let sha256 = try output.finish()
      guard output.byteCount == file.bytes, sha256 == file.sha256 else {
        throw Failure(
          .data, "\(file.path) came with \(output.byteCount) bytes that are not those of the backup.",
          next: .kaizenctl(["backup", "--to", target]))
      }
      done += file.bytes
    }
    // Last: a folder with a manifest is whole.
    var manifest: [UInt8] = []
    while case let bytes = try await piece(BackupManifest.name, offset: manifest.count), !bytes.isEmpty {
      manifest += bytes
    }
    try OutputFile.replace("\(folder)/\(BackupManifest.name)", with: manifest)
  }

  private func piece(_ file: String, offset: Int) async throws -> [UInt8] {
    let piece = BackupPiece(stamp: backup.stamp, file: file, offset: offset, count: BackupPiece.countMax)
    return try await options.daemon.fetchThroughRestarts(.backupBytes(piece)).body
  }

  private func remove() {
    for file in backup.files where file.isInside { unlink("\(folder)/\(file.path)") }
    unlink("\(folder)/\(BackupManifest.name).new")
    rmdir("\(folder)/teachers")
    rmdir(folder)
  }
}
