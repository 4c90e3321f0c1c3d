import Domain
import Engine
import Store
import Systemd

extension Maintenance {
  /// What the files do not tell: the plant's own troubles, and the machine's clock.
  static func findings(_ health: PlantHealth) -> [CheckFinding] {
    [ledger(health), journal(health), registry(health), service(health), clock(clockIsSynchronized())]
  }

  private static func ledger(_ health: PlantHealth) -> CheckFinding {
    if let problem = health.ledgerProblem { return CheckFinding("writing", .broken, problem, next: "df -h; dmesg") }
    guard health.unrecordedPredictions == 0 else {
      return CheckFinding(
        "writing", .warning,
        "\(counted(health.unrecordedPredictions, "answer")) since the start went out without being recorded",
        next: "journalctl -u kaizend tells when and why")
    }
    return CheckFinding("writing", .ok, "everything answered since the start is recorded")
  }

  private static func journal(_ health: PlantHealth) -> CheckFinding {
    switch health.journal {
    case .writing: CheckFinding("journal", .ok, writing(health.durability))
    case .none:
      CheckFinding(
        "journal", .warning, "kaizend serves without its journal: each answer waits for the ledger",
        next: "systemctl restart kaizend; its log says why the journal could not be opened")
    case .failing:
      CheckFinding(
        "journal", .broken, "the journal takes no rows: each answer waits for the ledger", next: "df -h; dmesg")
    }
  }

  private static func writing(_ durability: Durability) -> String {
    switch durability {
    case .commit: "answers are kept in the journal before they go out"
    case .power: "the disk has answers in the journal before they go out"
    case .relaxed: "answers are kept in the journal within 50 ms of going out, as [ledger] durability asks"
    }
  }

  private static func registry(_ health: PlantHealth) -> CheckFinding {
    guard health.unstoredCount > 0 else {
      return CheckFinding("registry", .ok, "every decision is in state.db")
    }
    return CheckFinding(
      "registry", .broken, "\(health.unstoredCount) decisions are not in state.db yet: it takes nothing",
      next: "df -h; journalctl -u kaizend")
  }

  private static func service(_ health: PlantHealth) -> CheckFinding {
    guard let first = health.closed.first else { return CheckFinding("lines", .ok, "every line is in service") }
    return CheckFinding(
      "lines", .broken, "\(counted(health.closed.count, "line")) out of service: \(first)",
      next: "kaizenctl status; kaizenctl reload tries again")
  }

  private static func clock(_ isSynchronized: Bool?) -> CheckFinding {
    switch isSynchronized {
    case true?: CheckFinding("clock", .ok, "the wall clock is synchronised")
    case false?:
      CheckFinding(
        "clock", .warning, "nobody keeps this machine's clock right: times in the ledger are as wrong as it is",
        next: "timedatectl; systemctl enable --now systemd-timesyncd, or chrony")
    case nil: CheckFinding("clock", .ok, "the kernel does not tell here whether the clock is synchronised")
    }
  }
}
