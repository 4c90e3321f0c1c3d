import Domain
import Statistics

struct JapaneseWords: PilotWords {
  let code = "ja"

  // MARK: - Numbers

  func date(_ date: PlainDate) -> String { "\(date.year)年\(date.month)月\(date.day)日" }
  func axisDate(_ date: PlainDate) -> String { "\(date.month)/\(date.day)" }
  func share(_ value: Double) -> String { percent(value) + "%" }
  func bounds(_ interval: Interval) -> String { "[\(percent(interval.lower))～\(percent(interval.upper))]" }

  func rate(_ rate: Rate) -> String {
    guard let share = rate.share, let interval = rate.interval else { return "不明（n=0）" }
    return "\(self.share(share)) \(bounds(interval))（n=\(count(rate.total))）"
  }

  func difference(_ difference: Difference) -> String {
    "\(points(difference.value))ポイント [\(points(difference.lower))～\(points(difference.upper))]"
  }

  func seconds(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "-" }
    if seconds < 9.95 { return "\(decimal(seconds, places: seconds < 0.995 ? 2 : 1))秒" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole)秒" }
    return whole < 3600 ? "\(whole / 60)分\(whole % 60)秒" : "\(whole / 3600)時間\(whole / 60 % 60)分"
  }

  func hours(_ hours: Double) -> String {
    let (number, unit) = hours >= 48 ? (hours / 24, "日") : (hours, "時間")
    return decimal(number, places: number == number.rounded() ? 0 : 1) + unit
  }

  func listed(_ names: [String]) -> String { names.joined(separator: "、") }

  private func some(_ names: [String], of all: Int) -> String {
    listed(names) + (all > names.count ? " ほか\(count(all - names.count))グループ" : "")
  }

  // MARK: - Head

  func title(line: String) -> String { "試行運用報告書　ライン \(line)" }

  func lead(from: PlainDate?, to: PlainDate?, made: PlainDate, mode: String) -> String {
    let span = if let from, let to { "対象期間：\(date(from))～\(date(to))　" } else { "" }
    let how =
      switch mode {
      case "observe": "運転モード：監視のみ（再学習は自動では行いません）"
      case "propose": "運転モード：提案（適用するかどうかは担当者が決めます）"
      case "auto": "運転モード：自動（再学習を自動で行い、切替え判定に合格したモデルだけを適用します）"
      default: "運転モード：\(mode)"
      }
    return "\(span)作成日：\(date(made))　\(how)"
  }

  let summaryTitle = "要約"
  let accuracyTitle = "正解率の推移"
  let jobsTitle = "再学習の内容と効果"
  let keptTitle = "変更しなかったものとその理由"
  let teacherTitle = "教師モデルの評価"
  let peopleTitle = "担当者が行った判断・操作"
  let limitsTitle = "この報告書では分からないこと・注意点"

  // MARK: - Summary

  let nothingCounted = "集計できるワークがまだありません。実績（正解）が出そろうまでの待ち時間を過ぎたワークから集計します。"

  func partsSentence(from: PlainDate, to: PlainDate, parts: Int, groups: Int, labelled: Int) -> String {
    let share = parts > 0 ? "（\(self.share(Double(labelled) / Double(parts)))）" : ""
    return "\(date(from))～\(date(to))に\(count(groups))グループ、\(count(parts))個のワークを判定しました。"
      + "このうち実績（正解）が分かっているのは\(count(labelled))個\(share)です。"
  }

  func accuracySentence(_ rate: Rate, target: Double?) -> String {
    let aim = target.map { "各グループの目標は\(share($0))です。" } ?? ""
    return "全グループ・全期間の正解率は\(self.rate(rate))でした。\(aim)"
  }

  let noAccuracySentence = "実績の分かっているワークが少なく、正解率は判断できません（データ不足）。"

  func laggedSentence(_ groups: [String], all: Int) -> String {
    "精度が低下したグループは\(count(all))件です：\(some(groups, of: all))。"
  }

  let nothingLaggedSentence = "精度が低下したグループはありませんでした。"

  func jobsSentence(_ counts: JobCounts) -> String {
    let ends = [
      (counts.promoted, "より良いモデルに切替え"), (counts.rolledBack, "切替え後に切り戻し"),
      (counts.kept, "変更なしで終了"), (counts.rejected, "担当者が却下"),
      (counts.failed, "失敗または中断（変更なし）"), (counts.open, "実施中・確認中"),
    ]
    let told = ends.filter { $0.0 > 0 }.map { "\($0.1) \(count($0.0))回" }
    return "再学習を\(count(counts.all))回行いました（\(told.joined(separator: "、"))）。"
  }

  let noJobsSentence = "再学習は行っていません。"

  func effectSentence(_ effect: Effect) -> String {
    let change = "\(effect.group)（モデルv\(effect.version)に切替え、再学習#\(effect.job)）："
    let figures = "切替え前 \(rate(effect.before))、切替え後 \(rate(effect.after))。"
    let gate = effect.gate.map { gate in
      "切替え判定用に取り分けた同じワーク\(count(gate.total))個での比較：旧モデル \(share(Double(gate.before) / Double(gate.total)))、"
        + "新モデル \(share(Double(gate.after) / Double(gate.total)))。"
    }
    let finding =
      switch effect.verdict {
      case .better: figures + "改善しました（差 \(effect.difference.map(difference) ?? "不明")）。"
      case .worse: figures + "悪化しました（差 \(effect.difference.map(difference) ?? "不明")）。"
      case .open: figures + "差があるとは言えません。"
      case .insufficient:
        "データ不足のため切替え前後の効果は判断できません（実績の分かっているワーク：切替え前\(count(effect.before.total))個、"
          + "切替え後\(count(effect.after.total))個。それぞれ\(Rate.tellingMin)個以上必要です）。"
      }
    return change + finding + (gate ?? "")
  }

  func costSentence(rows: Int, seconds: Double, processorSeconds: Double?) -> String {
    let processor = processorSeconds.map { "、CPU時間は\(self.seconds($0))" } ?? ""
    return "再学習に使った実績付きワークは延べ\(count(rows))個、所要時間は合計\(self.seconds(seconds))\(processor)です。"
  }

  func laggingNowSentence(_ groups: [String], all: Int) -> String {
    "現在、精度が低下しているグループ：\(some(groups, of: all))。"
  }

  let nothingLagsNowSentence = "現在、精度が低下しているグループはありません。"

  func thinSentence(groups: Int, of all: Int) -> String {
    "\(count(all))グループのうち\(count(groups))グループは、実績が\(Rate.tellingMin)個未満のため判断できません（データ不足）。"
  }

  // MARK: - Accuracy

  let allParts = "全ワーク"
  func plotDescription(_ name: String) -> String { "正解率の推移：\(name)" }

  func plotCaption(binDays: Int) -> String {
    let period = binDays == 1 ? "1日" : binDays == 7 ? "1週間" : "\(binDays)日間"
    return "縦軸は正解率（%）。点1つが\(period)分で、実績が\(Rate.tellingMin)個未満の点は小さく示します。薄い帯は95%信頼区間"
      + "（Clopper-Pearson法）で、実績が少ない点では図の下まで伸びます。v1、v2…は判定したモデルの番号です。横軸の下の印："
  }

  func legend(_ shape: TimeMark.Shape) -> String {
    switch shape {
    case .alarm: "グループの精度低下を検出"
    case .up: "新しいモデルに切替え"
    case .down: "元のモデルに切り戻し"
    case .cross: "再学習したが変更なし"
    case .square: "再学習の実施中・確認中"
    }
  }

  func targetLabel(_ target: Double) -> String { "目標 \(share(target))" }
  let noLabels = "実績がありません"
  func plotHeading(_ name: String, _ rate: Rate) -> String { "\(name)　\(self.rate(rate))" }
  func plotsLeftOut(_ number: Int) -> String { "残りの\(count(number))グループは次の表だけに示します。" }
  let groupTableNote = "精度低下の検出や再学習があったグループを先に、その後は正解率の低い順に並べています。[ ] は95%信頼区間です。"
  let groupColumn = "グループ"
  let partsColumn = "判定数"
  let labelledColumn = "実績あり"
  let accuracyColumn = "正解率（全期間）"
  func recentColumn(days: Int) -> String { "正解率（直近\(days)日）" }
  let targetColumn = "目標"
  let stateColumn = "現在の状態"

  func groupState(_ state: String?) -> String {
    switch state {
    case nil: "監視対象外"
    case "unknown": "判断待ち"
    case "ok": "正常"
    case "watch": "要注意"
    case "lagging": "精度低下"
    case .some(let other): other
    }
  }

  func otherGroups(_ number: Int) -> String { "その他の小さいグループ（\(count(number))件）" }
  let withoutOutcomeRow = "実績のないワーク"
  let insufficient = "データ不足"

  // MARK: - Retrainings

  let noJobsYet = "学習の記録はまだありません。"
  func olderJobs(_ number: Int) -> String { "これより古い\(count(number))件は省略しています。" }
  let jobColumn = "番号"
  let endColumn = "終了日"
  let fateColumn = "結果"
  let rowsColumn = "使った実績付きワーク"
  let minutesColumn = "所要時間（分）"
  let startedByColumn = "開始者"

  func jobState(_ job: PilotJob) -> String {
    switch job.state {
    case "training": "学習中"
    case "evaluating": "切替え判定中"
    case "awaiting": "承認待ち"
    case "shadow": "並行評価中"
    case "canary": "一部のワークで試行中"
    case "watch": "適用中（経過観察）"
    case "promoted": "適用"
    case "kept": job.kind == "import" ? "登録" : "変更なし"
    case "rejected": "却下"
    case "rolled_back": "切り戻し"
    case "failed": "失敗"
    case "interrupted": "中断"
    default: job.state
    }
  }

  func jobKind(_ job: PilotJob) -> String {
    switch job.kind {
    case "first": "ラインの初期モデル"
    case "import": "ファイルから登録したモデル"
    default: job.kind
    }
  }

  let effectsHeading = "切替え前後の実績比較"
  let effectsCaption =
    "正解率（%）。切替え前（○印）は変化が疑われた日から切替えまで、切替え後（点と95%信頼区間の帯）は新しいモデルの切替えから現在まで。"
    + "前後で対象のワークは異なります。同じワークで新旧を比べた結果は、各再学習の「切替え判定」に示します。"
  let beforeColumn = "切替え前"
  let afterColumn = "切替え後"
  let differenceColumn = "差"
  let verdictColumn = "評価"

  func verdict(_ verdict: Effect.Verdict) -> String {
    switch verdict {
    case .better: "改善"
    case .worse: "悪化"
    case .open: "差があるとは言えない"
    case .insufficient: insufficient
    }
  }

  func jobHeading(_ job: PilotJob) -> String { "再学習#\(job.number)　\(listed(job.groups))（\(jobState(job))）" }

  func jobStory(_ job: PilotJob) -> [String] {
    var story = [
      (job.isAutomatic
        ? (job.isWhole ? "" : "グループの精度低下を検出したため、") + "\(date(PlainDate(job.startedAt)))に自動で開始しました。"
        : "\(date(PlainDate(job.startedAt)))に\(job.login)が開始しました。")
        + "\(date(PlainDate(job.since)))以降のワークを使いました。"
    ]
    if let rows = job.rows {
      story.append(
        "使った実績付きワークは\(count(rows.total))個です（学習用\(count(rows.train))個、学習方法の選択用\(count(rows.select))個、"
          + "切替え判定専用の最新分\(count(rows.gate))個）。")
    }
    if let unlabelled = job.unlabelledRows, unlabelled > 0 {
      story.append("実績のないワーク\(count(unlabelled))個について、教師モデルの回答も学習に使いました。")
    }
    if let seconds = job.seconds {
      let processor = job.processorSeconds.map { "（CPU時間\(self.seconds($0))）" } ?? ""
      let pause = job.pausedSeconds.map { $0 >= 1 ? "（うち\(self.seconds($0))は判定を優先して停止）" : "" } ?? ""
      story.append("所要時間は\(self.seconds(seconds))\(processor)でした\(pause)。")
    }
    switch job.fate {
    case .promoted:
      let version = job.version.map { "モデルv\($0)" } ?? "新しいモデル"
      story.append(
        job.isWhole
          ? "\(date(PlainDate(job.end)))に\(version)をラインの全ワークへ適用しました。"
          : "\(date(PlainDate(job.end)))に\(version)を\(listed(job.cells))へ適用しました。それ以外のワークのモデルは変えていません。")
    case .rolledBack: story.append("新しいモデルは切り戻し、元のモデルで判定しています。")
    case .kept: story.append("これまでのモデルを使い続けています（正常な結果です。理由は下の記録を参照）。")
    case .rejected: story.append("担当者が却下したため、これまでのモデルを使い続けています。")
    case .failed, .interrupted: story.append("新しいモデルはできませんでした。判定中のモデルには影響ありません。")
    case .onTrial, .running, .other: break
    }
    return story
  }

  func decision(_ event: PilotEvent) -> String? {
    let when = date(PlainDate(event.time))
    switch event.event {
    case "promotion_approved": return "\(when)に\(event.login)が新しいモデルを承認しました。"
    case "promotion_rejected": return "\(when)に\(event.login)が新しいモデルを却下しました。"
    case "model_rolled_back": return "\(when)に\(event.login)が元のモデルに切り戻しました。"
    default: return nil
    }
  }

  let recordedHeading = "システムの記録（英語の原文）"
  let armsHeading = "試した学習方法"
  let armColumn = "学習方法"
  let armScoreColumn = "最も低いグループの正解率（選択用）"
  let armStepsColumn = "学習ステップ数"
  let armSecondsColumn = "時間"
  let armResultColumn = "結果"

  func armName(_ name: String) -> String {
    switch name {
    case "the student before": "一つ前のモデル"
    case "own head": "最終層だけの再学習"
    case "labels-only clone": "実績だけで再学習"
    case "GroupDistil clone": "教師モデルからの蒸留（GroupDistil）"
    case "global with replay": "全グループでの再学習"
    case "the teacher itself": "教師モデルそのもの"
    case "consolidated": "複数モデルの統合"
    default: name
    }
  }

  let armKept = "採用"
  let armNotKept = "不採用"
  let armSkipped = "未実施"
  let gateHeading = "切替え判定：同じワークでの新旧比較"
  let gateCaption = "学習にも学習方法の選択にも使っていないワークで比べています。[ ] は95%信頼区間です。"
  let newlyRightColumn = "新たに正解"
  let newlyWrongColumn = "新たに不正解"
  let weightsHeading = "学習中のグループの重み"
  let weightsCaption = "1は均等配分です。誤りの多いグループほど重みが大きくなります。最後に重みの大きい4グループを色で示します。"
  let stepsWord = "ステップ"
  let jobsWithoutDetail = "そのほかの再学習は、モデルができなかったか古いものです。詳細は「kaizenctl explain 番号」で確認できます。"

  // MARK: - Left as it was

  let waitingNow = "現在の待ち状況："
  let nothingKept = "変更なしで終わった再学習も、待っている再学習もありません。"
  let reasonColumn = "理由"

  func keptNote(_ job: PilotJob) -> String {
    switch job.fate {
    case .kept: "これまでのモデルを継続"
    case .rejected: "担当者の判断による"
    case .failed: "学習に失敗した"
    case .interrupted: "学習が中断した"
    default: job.state
    }
  }

  func hopeless(_ group: String, on date: PlainDate) -> String {
    "\(self.date(date))：\(group)は、再学習を繰り返しても改善を確認できませんでした。実績が大きく増えるか担当者が指示するまで再学習は行いません。"
      + "このグループのワークは目視確認をお勧めします。"
  }

  func proposed(_ group: String, on date: PlainDate) -> String {
    "\(self.date(date))：\(group)の再学習を提案しました（このモードでは担当者が開始します）。"
  }

  // MARK: - Teacher

  let noTeacher = "教師モデルの評価はまだ行っていません。"
  let teacherNote =
    "学習の前に毎回、教師モデルの学習に使っていない実績付きワークで教師モデルを評価します。実績だけで学習したモデルより劣る場合、教師モデルは使いません。"
    + "「確信度のずれ」は、教師モデルの確信度と実際の正解率との平均的な差です。"
  let teacherVerdictColumn = "評価"
  let teacherAccuracyColumn = "正解率"
  let teacherWorstColumn = "最も低いグループ"
  let teacherCalibrationColumn = "確信度のずれ"
  let teacherAgainstColumn = "判定中のモデルとの比較"

  func teacherVerdict(_ verdict: TeacherVerdict) -> String {
    switch verdict {
    case .trusted: "信頼できる"
    case .weaker: "実績だけの学習より劣る"
    case .absent: "未評価（回答なし）"
    }
  }

  func teacherAgainst(wins: Int, losses: Int, total: Int) -> String {
    "\(count(total))個中、教師だけ正解\(count(wins))個、教師だけ不正解\(count(losses))個"
  }

  // MARK: - People

  let nobodyDecided = "担当者による判断・操作はありませんでした。"
  let whenColumn = "日付"
  let whoColumn = "担当者"
  let whatColumn = "内容"

  func event(_ event: String) -> String {
    switch event {
    case "line_added": "ラインを追加"
    case "group_retired": "グループを監視から除外"
    case "group_restored": "グループを監視に復帰"
    case "alarm_acknowledged": "警報を確認"
    case "alarm_reopened": "警報を未確認に戻した"
    case "alarm_silenced": "警報を一時停止"
    case "alarm_unsilenced": "警報の停止を解除"
    case "alias_set": "属性値の読替えを設定"
    case "alias_removed": "属性値の読替えを解除"
    case "retrain_started": "再学習を開始"
    case "promotion_awaits": "承認待ち"
    case "trial_advanced": "次の段階へ進行"
    case "promotion_approved": "モデルを承認"
    case "promotion_rejected": "モデルを却下"
    case "trial_ended": "試行を終了"
    case "model_imported": "モデルを登録"
    case "model_activated": "モデルを手動で適用"
    case "model_promoted": "モデルを適用"
    case "model_rolled_back": "モデルを切り戻し"
    case "settings_changed": "設定を変更"
    case "slice_adopted": "監視条件を追加"
    case "state_restored": "バックアップから復元"
    default: event
    }
  }

  func eventsLeftOut(_ number: Int) -> String { "これより前の\(count(number))件は「kaizenctl audit show」で確認できます。" }

  // MARK: - Limits

  func unlabelledLimit(share: Double, parts: Int) -> String {
    "\(count(parts))個（\(self.share(share))）のワークは実績が分かっておらず、その正誤はどの数値にも含まれていません。"
  }

  func youngLimit(parts: Int, labelled: Int, hours: Double?) -> String {
    let age = hours.map { "（待ち時間\(self.hours($0))）" } ?? ""
    return "直近の\(count(parts))個はまだ集計していません\(age)。誤判定の実績は正解の実績より早く届くことが多いためです。"
  }

  func droppedLimit(parts: Int) -> String { "古い\(count(parts))個のワークは保存期間または容量の上限により削除されており、集計に含まれません。" }
  func waitingLimit(parts: Int) -> String { "判定の記録がないワークの実績が\(count(parts))件あります。" }

  func silentLimit(channel: String, outcomes: Int) -> String {
    "経路「\(channel)」の実績（\(count(outcomes))件）は調べるワークを選んでいるため、正解率には含めていません。"
  }

  func conflictLimit(channel: String, conflicts: Int, outcomes: Int) -> String {
    "経路「\(channel)」の実績\(count(outcomes))件のうち\(count(conflicts))件は他の経路と食い違っています。実績そのものが誤っている可能性があります。"
  }

  func thinLimit(groups: [String], all: Int, minimum: Int) -> String {
    "実績が\(minimum)個未満のため判断していないグループ：\(some(groups, of: all))。"
  }

  func otherGroupsLimit(groups: Int, parts: Int) -> String {
    "小さい\(count(groups))グループ（\(count(parts))個）はまとめて集計しています。"
  }

  let effectLimit =
    "切替え前後の比較は異なるワークによるもので、切替え前は不調の期間に当たります。不調が自然に解消した可能性もあります。"
    + "同じワークで比べた切替え判定の結果には、その時期のワークについてはこの影響がありません。"
  let intervalLimit = "信頼区間はそれぞれ95%で、平均して20回に1回は真の値を外します。偶然のばらつきだけを表し、調べるワークの選び方による偏りは含みません。"
  let ownTimeLimit = "このラインのワークは独自の時刻を持っています。警報や操作は装置の時計で記録されているため、時間軸には示していません。"
  let dayLimit = "日付の区切りは協定世界時（UTC）で、日本時間の午前9時に当たります。"
  let recordedLimit: String? = "「システムの記録」の文はシステムが記録したままの英語です。"
}
