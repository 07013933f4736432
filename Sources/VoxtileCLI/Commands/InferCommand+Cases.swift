import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileInference

extension InferCommand {
  /// What the inputs are.
  enum Selection {
    /// The images of one scan.
    case one
    /// Many scans.
    case many
    /// Several files: channels or scans, as the network takes them.
    case knownByNetwork
  }

  /// What the inputs are, as far as the command line says.
  func selection() throws -> Selection {
    if cases.table != nil { return .many }
    if channels.asCases { return .many }
    if channels.asChannels { return .one }
    guard input.count == 1 else { return .knownByNetwork }
    let probe = FormatProbe(input[0])
    switch probe.kind {
    case .folder: return ImageFormats.registry.recognizes(input[0]) ? .one : .many
    case .missing: return CasePattern(input[0]) == nil ? .one : .many
    case .file: return .one
    }
  }

  /// Whether several files are the channels of one scan, as many as the network takes, and no scans.
  func takesAsChannels(_ network: LoadedNetwork) throws -> Bool {
    let counts = input.map { path in (try? ImageFormats.open(path).info.channels) ?? 1 }
    let taken = network.model.signature.input.channels
    if taken == counts.reduce(0, +) { return true }
    if let taken, counts.allSatisfy({ $0 == taken }) { return false }
    throw ValidationError(
      "there are \(input.count) files with \(counts.reduce(0, +)) channels in all, and the network takes "
        + "\(taken.map(String.init) ?? "any number"); "
        + VoxtileError.Remedy.sayWhetherCases.inOptions)
  }

  /// Predicts many scans with one network, or several whose mean is taken.
  func predictMany(_ network: LoadedNetwork) async throws {
    guard !files.outputKind.storesPredictions else {
      throw ValidationError(
        "--output-kind predictions keeps those of one scan; name one, and --part shares out its patches. Many scans are shared out whole"
      )
    }
    guard series.timePoints == .asChannels else {
      throw ValidationError("--time-points separately takes one 4D file, not many scans")
    }
    let (list, truths) = try scansAndTruths(with: [network])
    var job = InferJob(
      command: self, network: network, cases: list, name: try cases.naming.resultName())
    job.truths = truths
    try await caseRun(list, comparing: truths != nil, warnings: job.warnings).run(job)
  }

  /// Predicts many scans with the networks of several tasks.
  func predictManyByTasks(_ tasks: LoadedTasks) async throws {
    let (list, truths) = try scansAndTruths(with: tasks.networks)
    var job = TaskJob(command: self, tasks: tasks, cases: list, name: try cases.naming.resultName())
    job.truths = truths
    try await caseRun(list, comparing: truths != nil, warnings: job.warnings).run(job)
  }

  /// The scans, and the files of true labels by their names, where results are compared.
  ///
  /// - Parameter networks: what predicts them; the first one says how many files are the channels of a scan.
  private func scansAndTruths(
    with networks: [LoadedNetwork]
  ) throws -> (scans: CaseList, truths: [String: String]?) {
    guard files.output.count == 1 else {
      throw ValidationError(
        "of many scans, --output is one folder for all results, not \(files.output.count)")
    }
    if page.report != nil {
      throw ValidationError("--report shows one scan; with many, --reports writes a page for each")
    }
    let taken = networks[0].model.signature.input.channels
    var list = try scans(naming: channels.naming?.naming ?? .automatic(channels: taken))
    if let mask = list.lazy.compactMap(\.mask).first { try checkFits(maskOfTable: mask) }
    let truths = try truth.files(for: list, isRecursive: cases.folders.search.recursive) ?? labels(of: list)
    list.otherFiles += networks.flatMap { $0.files.flatMap(\.self) } + (truths ?? [:]).values
    list.otherFiles += [tasks.taskLabels].compactMap(\.self)
    return (list, truths)
  }

  /// Throws where a table names masks and an option contradicts them, as it contradicts --mask.
  private func checkFits(maskOfTable mask: String) throws {
    if nnunet.nnunet != nil {
      throw ValidationError(
        "--nnunet decides which box of a scan is predicted; leave the column mask out of the table")
    }
    var masked = self
    masked.patches.mask = mask
    try masked.patches.validate()
    try masked.checkAlignment()
  }

  /// The true labels that a table names, by their scans; `nil` where it names none, or where labels are not predicted.
  private func labels(of list: CaseList) -> [String: String]? {
    let labels = list.compactMap { one in one.labels.map { (one.name, $0) } }
    guard comparesLabels, !labels.isEmpty else { return nil }
    Console.note("truth    the true labels of \(Console.count(labels.count, "scan")) are those of the table")
    return Dictionary(labels) { first, _ in first }
  }

  /// Whether results can be compared with the labels of a table; --truth names others.
  private var comparesLabels: Bool { truth.truth == nil && files.outputKind.kinds.contains(.labels) }

  private func caseRun(
    _ list: CaseList, comparing compares: Bool, warnings: WarningsOfMany
  ) -> CaseRun {
    var run = CaseRun(
      name: "infer", cases: list, folder: files.output[0], options: running, isReplacing: replacing.force,
      isDryRun: planning.dryRun, printsJSON: printing.json)
    run.warnings = warnings
    if compares { run.remark = Self.remarkOnTruth }
    return run
  }

  /// What came of comparing results with true labels.
  private static func remarkOnTruth(_ summary: RunSummary) -> String? {
    let scores = summary.rows.compactMap { $0.findings?.meanDice }.sorted()
    let before = summary.rows.count { $0.status == "skipped" && $0.findings?.meanDice == nil }
    var words: [String] = []
    if let worst = scores.first, let best = scores.last {
      let median = (scores[(scores.count - 1) / 2] + scores[scores.count / 2]) / 2
      let (low, middle, high) = (
        Console.rounded(worst, decimals: 3), Console.rounded(median, decimals: 3),
        Console.rounded(best, decimals: 3)
      )
      words.append(
        "truth    mean Dice of \(Console.count(scores.count, "scan")): \(low) to \(high), median \(middle)")
    }
    if before > 0 {
      words.append(
        "truth    \(Console.count(before, "scan")) done before without true labels; 'voxtile evaluate' compares those"
      )
    }
    return words.isEmpty ? nil : words.joined(separator: "\n")
  }

  private func scans(naming: ChannelNaming) throws -> CaseList {
    if channels.asCases, input.count > 1 {
      var search = CaseSearch()
      search.naming = channels.naming?.naming ?? .single
      return try search.cases(of: input)
    }
    let columns: Set<CaseColumn> = comparesLabels ? [.labels, .mask] : [.mask]
    guard let list = try cases.list(input, naming: naming, using: columns) else {
      var search = CaseSearch()
      search.naming = .single
      return try search.cases(of: input)
    }
    return list
  }
}
