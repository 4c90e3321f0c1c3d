import Domain
import Engine
import FoundationEssentials
import Glibc
import Store
import Wire

/// `kaizend --restore DIR`: puts a backup in place while no daemon runs.
struct Restoration {
  let stateDirectory: String
  let json: Bool

  /// - Throws: 75 where a daemon runs, 66 and 65 for what is no sound backup, 78 for one of a newer kaizend.
  func run(from folder: String) throws(DaemonFailure) {
    let lock = try takeLock()
    let source = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
    let (manifest, restored): (BackupManifest, StateRestore.Restored)
    do throws(RestoreFailure) {
      (manifest, restored) = try StateRestore(stateDirectory: stateDirectory)
        .restore(from: source, at: DaemonClock().now(), by: actor, LongWork())
    } catch {
      throw DaemonFailure(error)
    }
    withExtendedLifetime(lock) {}
    let row = BackupRow(manifest, path: source)
    let sentence =
      "\(stateDirectory) now holds \(counted(row.predictions, "part")) and \(counted(row.outcomes, "outcome")) as of "
      + "\(row.createdAt); "
      + (restored.replaced.map { "what was there before is kept in \($0)" } ?? "nothing was there before")
    let reply = RestoreReply(
      backup: row, stateDirectory: stateDirectory, replaced: restored.replaced, sentence: sentence)
    guard json else { return print(sentence) }
    do throws(WireFault) {
      print(String(decoding: try OperatorCoding.bytes(reply), as: UTF8.self))
    } catch {
      throw DaemonFailure(error.sentence, exitCode: 70)
    }
  }

  /// Behind sudo(8) the one who typed it.
  private var actor: Principal {
    let uid = getuid()
    let behind = ProcessInfo.processInfo.environment["SUDO_USER"].flatMap { $0.isEmpty ? nil : $0 }
    return Principal(uid: uid, login: uid == 0 ? behind ?? login(of: uid) : login(of: uid))
  }

  private func takeLock() throws(DaemonFailure) -> StateLock {
    let lock: StateLock
    do throws(DaemonFailure) { lock = try StateLock(directory: stateDirectory) } catch {
      guard error.exitCode == 75 else { throw error }
      throw DaemonFailure(
        "kaizend runs on \(stateDirectory), and a restore changes what it has open: stop it first (systemctl stop kaizend "
          + "kaizend.socket kaizend-grpc.socket kaizend-control.socket), restore, and start it again", exitCode: 75)
    }
    // Root restores for the daemon's user, who has to open the lock too.
    var status = stat()
    if geteuid() == 0, stat(stateDirectory, &status) == 0 {
      lchown(stateDirectory + "/kaizend.lock", status.st_uid, status.st_gid)
    }
    return lock
  }
}

extension DaemonFailure {
  init(_ failure: RestoreFailure) {
    sentence = failure.sentence
    exitCode =
      switch failure {
      case .missing: 66
      case .damaged: 65
      case .newerSchema: 78
      case .io: 74
      }
  }
}
