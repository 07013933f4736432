import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats

/// A command that makes one result of one input, and so of many.
protocol ManyFilesCommand: ParsableCommand, Sendable {
  var running: CaseRunOptions { get }
  var replacing: ReplaceOptions { get set }
  var printing: JSONOptions { get }
  /// The most memory that may be used, where that is given.
  var memoryLimit: MemoryArgument? { get set }
  /// Whether the job is only planned.
  var isDryRun: Bool { get }

  /// The folder of the results of many inputs.
  var folder: String { get }

  /// The path of the result of an input, below the folder of results.
  func result(of one: ScanCase) throws -> String

  /// All that is made of an input, the result first.
  func results(of one: ScanCase) throws -> [CaseResult]

  /// The files that are read for an input, the input included.
  func filesRead(for one: ScanCase) -> [String]

  /// The files that are read for every input, by the names of their options.
  var filesForAll: [String: String] { get }

  /// The same command for one of many inputs.
  func command(for one: ScanCase, into target: String) -> Self

  /// Makes the result of the one input.
  ///
  /// - Returns: what was done, for the summary.
  func perform(_ progress: JobProgress) throws -> CaseFindings
}

extension ManyFilesCommand {
  var isDryRun: Bool { false }

  func results(of one: ScanCase) throws -> [CaseResult] { [CaseResult(try result(of: one))] }

  func filesRead(for one: ScanCase) -> [String] { one.images }

  var filesForAll: [String: String] { [:] }

  /// Does the command with many inputs.
  func runMany(_ list: CaseList) async throws {
    try running.checkFits(replacing)
    let name = Self.configuration.commandName ?? ""
    if let one = list.first(where: { $0.images.count > 1 }) {
      throw VoxtileError(
        .invalidOption,
        "scan '\(one.name)' has \(one.images.count) images, and \(name) takes one; leave out the columns after image",
        context: .init(expected: "1 image", found: "\(one.images.count)"))
    }
    var list = list
    list.otherFiles += filesForAll.values.flatMap { ImageFormats.registry.files(of: $0) }
    var run = CaseRun(
      name: name, cases: list, folder: folder, options: running, isReplacing: replacing.force,
      isDryRun: isDryRun, printsJSON: printing.json)
    let warnings = WarningsOfMany()
    run.warnings = warnings
    try await run.run(try FileJob(self, over: list, warnings: warnings))
  }
}

/// Does a command with each of many inputs.
struct FileJob<Command: ManyFilesCommand>: CaseJob {
  private let command: Command
  private let results: [ScanCase: [CaseResult]]
  private let settings: [String: String]
  /// The SHA-256 of the files that are read for every input.
  private let filesForAll: [String: String]
  private let progress: CaseProgress
  private let warnings: WarningsOfMany

  init(_ command: Command, over list: CaseList, warnings: WarningsOfMany) throws {
    (self.command, self.warnings) = (command, warnings)
    results = try Dictionary(list.map { ($0, try command.results(of: $0)) }) { first, _ in first }
    let name = Command.configuration.commandName ?? ""
    settings = TypedOptions.settings(of: name)
    let shared = try command.filesForAll.flatMap { option, path in
      try PredictionRecord.files(ofImage: path).map { ("\(option) \($0.name)", $0.sha256) }
    }
    filesForAll = Dictionary(shared) { first, _ in first }
    progress = CaseProgress(name, of: list.count)
  }

  func results(of one: ScanCase) -> [CaseResult] { results[one] ?? [] }

  func fingerprint(of one: ScanCase) async throws -> CaseFingerprint {
    let files = try command.filesRead(for: one).map(PredictionRecord.files(ofImage:))
    // The input comes first; what belongs to it may have the same name.
    let inputs = files.enumerated().flatMap { place, files in
      files.map { (place < one.images.count ? $0.name : "\(place): \($0.name)", $0.sha256) }
    }
    return CaseFingerprint(
      program: "voxtile \(LibraryVersion.current)", command: Command.configuration.commandName ?? "",
      settings: settings,
      inputs: Dictionary(inputs) { first, _ in first }.merging(filesForAll) { first, _ in first })
  }

  func prepare(_ one: ScanCase) async throws {}

  func perform(_ prepared: Void, of one: ScanCase, replacing isReplacing: Bool) async throws -> CaseFindings {
    let name = results(of: one).first?.name
    var command = command.command(for: one, into: "\(command.folder)/\(name ?? one.name)")
    command.replacing.force = isReplacing
    if let parallel = command.running.parallel, let memory = command.memoryLimit {
      command.memoryLimit = memory.divided(by: parallel)
    }
    progress.begin(one.name)
    defer { progress.end(one.name) }
    let (ready, following) = (command, progress.following(one.name))
    // Off the threads that tasks share: this one does not suspend.
    let worker = SerialWorker("scan")
    defer { worker.wait() }
    var findings = try await worker.run { _ in
      try Console.$saidOfMany.withValue(warnings) {
        try Console.$subject.withValue(one.name) { try asErrorOfScan { try ready.perform(following) } }
      }
    }
    if let name {
      // The result may be a page itself.
      findings.page = name.hasSuffix(".html") ? name : command.running.reports ? "\(name).html" : nil
    }
    return findings
  }
}
