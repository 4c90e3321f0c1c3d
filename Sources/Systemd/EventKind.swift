/// Kinds of events with a message id of their own, which the journal's catalog explains: `journalctl -x`.
///
/// Ids are random and never change; `systemd/kaizend.catalog` has an entry for each.
public enum EventKind: String, Sendable, CaseIterable {
  case ready
  case stopped
  case ledgerFailed = "ledger_failed"
  case ledgerRecovered = "ledger_recovered"
  case ledgerQuarantined = "ledger_quarantined"
  case lineAdded = "line_added"
  case lineClosed = "line_closed"
  case lineOpened = "line_opened"
  case groupSeen = "group_seen"
  case groupWatch = "group_watch"
  case groupLagging = "group_lagging"
  case groupRecovered = "group_recovered"
  case retrainProposed = "retrain_proposed"
  case retrainStarted = "retrain_started"
  case retrainWeights = "retrain_weights"
  case retrainEnded = "retrain_ended"
  case modelImported = "model_imported"
  case modelActivated = "model_activated"
  case modelPromoted = "model_promoted"
  case modelRolledBack = "model_rolled_back"
  case settingsChanged = "settings_changed"
  case sliceAdopted = "slice_adopted"
  case sliceConfirmed = "slice_confirmed"
  case sliceRejected = "slice_rejected"
  case reloadRefused = "reload_refused"
  case backupMade = "backup_made"
  case stateRestored = "state_restored"
  case logHeld = "log_held"
  case logReleased = "log_released"

  /// 128 bits as 32 hexadecimal digits, the journal's MESSAGE_ID.
  public var messageID: String {
    switch self {
    case .ready: "8a22bce7e288deb9a290197bf2bc93fc"
    case .stopped: "b7fff08068727259360f69fc92190579"
    case .ledgerFailed: "9c517f4c93bc0dbfa5309f3aa8e23094"
    case .ledgerRecovered: "2652c4745650867a625dbcee8d299f5d"
    case .ledgerQuarantined: "9a5aa4ebec777b76436eeabcfcfce520"
    case .lineAdded: "7b08a3175781e10a463039a9ef14e163"
    case .lineClosed: "70dc33a68ef04e74941d56bcf3f30fbe"
    case .lineOpened: "123cd9c2b498438d82114afba3cd9f38"
    case .groupSeen: "48be031d43d85200ab48d40d77672172"
    case .groupWatch: "00b20736336bf9a584e10f16ecf9c5c7"
    case .groupLagging: "804515f91da5fbb504e6eac876f9cd4b"
    case .groupRecovered: "fbcf72542fb55ac691e92799d420da1e"
    case .retrainProposed: "bb503e98ebed400af20914e04a5a2f85"
    case .retrainStarted: "ae006701d6d3cc7e850601067c574d1c"
    case .retrainWeights: "e88bef96e3ffd618bbdb294933617b1a"
    case .retrainEnded: "c68de174b95307989b153e0e9e376d3c"
    case .modelImported: "499d7dfe5b2444df8496c3fe8c11090c"
    case .modelActivated: "d07b1f6c35e94ab7ae60f2518c7b43e9"
    case .modelPromoted: "2a8c628353d86f712fa783db072ff62e"
    case .modelRolledBack: "4ae5b149da3d22d5451e185dd7894bb8"
    case .settingsChanged: "b093e37e5365c3e86da7610d9d70f89d"
    case .sliceAdopted: "efeffda810d94231b358ca5258954020"
    case .sliceConfirmed: "e9484e8cd9a9edbb79b8462133a247a4"
    case .sliceRejected: "462fc7ad7d64e6068399645fb037596c"
    case .reloadRefused: "e32a0ce735e14e3185e86c1cb11875fe"
    case .backupMade: "e83756c3d00ffb240bfb60b18207d83e"
    case .stateRestored: "44428aa56234e44b1f375fdbba5d2bb4"
    case .logHeld: "069fd65716e3588bbe41ba342780ea8a"
    case .logReleased: "0ec02a6eba7c79078e8c36c9178c34e1"
    }
  }
}
