import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileReport

/// `voxtile infer`: a scan through a network, patch by patch.
struct InferCommand: AsyncParsableCommand, MessagingCommand {
  /// The network, and what is written.
  struct Files: ParsableArguments {
    @Option(help: "The network, an ONNX file.", completion: .file(extensions: ["onnx"]))
    var model: String

    @Option(
      name: [.short, .long],
      help: ArgumentHelp(
        "The file to write. With several kinds in --output-kind, give one file for each, in the same order.",
        valueName: "file"),
      completion: .file())
    var output: [String]

    @Option(
      name: .customLong("output-kind"),
      help: ArgumentHelp("What to write: one kind, or several joined by commas.", valueName: "kind"))
    var outputKind = KindsArgument.labels

    /// Each kind of output with its file.
    var targets: [(kind: PredictionKind, path: String)] {
      zip(outputKind.kinds, output).map { ($0, $1) }
    }

    func validate() throws {
      guard output.count == outputKind.kinds.count else {
        throw ValidationError(
          "there are \(output.count) --output for \(outputKind.kinds.count) kinds "
            + "(\(outputKind.defaultValueDescription)); give one file for each")
      }
      guard Set(output).count == output.count else {
        throw ValidationError("--output \(output.joined(separator: ", ")) names a file twice")
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Predict a whole scan with a network in ONNX, patch by patch.",
    discussion: """
      The scan is cut into overlapping patches, the network predicts them, and the predictions are merged without \
      seams. The result has the size and position of the scan. Several inputs are the channels of one image.

        voxtile infer brain.nii.gz --model net.onnx --patch 96 --normalize zscore --output labels.nii.gz

      Give the network what it was trained with: its patch size, the normalization, the orientation and the order of the \
      axes (MONAI and TorchIO: --orientation RAS --axes xyz; nnU-Net: --axes zyx). A network file may carry these \
      settings; see the guide.
      """)

  @Argument(help: "The scan; several files are the channels of one image.", completion: .file())
  var input: [String]

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.patches) var patches: InferencePatchOptions

  @OptionGroup(.merging) var merging: PredictionMergeOptions

  @OptionGroup(.network) var network: NetworkOptions

  @OptionGroup(.result) var result: PredictionOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: DryRunOptions

  @OptionGroup(.messages) var messages: MessageOptions

  /// `--compat` together with an option that it decides.
  static var compatDecides: ValidationError {
    ValidationError("--compat decides --edge, --padding and --blend; leave those out")
  }

  func validate() throws {
    if patches.compat != nil, merging.blend != nil { throw Self.compatDecides }
  }

  func run() async throws {
    let readers = try input.map(ImageFormats.open)
    let mask = try patches.mask.map(ImageFormats.open)
    let force = replacing.force
    for path in files.output { try Target.check(path, replacing: force) }
    try page.checkTarget(replacing: force)
    let bar = ProgressBar("infer")
    defer { bar.clear() }
    let engine = try EngineChoice(for: files.model, options: network.options(jobs: limits.limits.jobs))
    Console.detail("\(engine.engine.name) \(engine.version) runs \(files.model)")
    let model = try await engine.load()
    let defaults = try model.defaults
    var settings = try patches.settings(over: readers[0].info.extent, model: model, defaults: defaults)
    merging.apply(to: &settings)
    network.apply(to: &settings, defaults: defaults)
    result.apply(to: &settings)
    settings.limits = limits.limits
    settings.progress = bar.progress
    let pipeline = PatchPipeline(model: model, settings: settings)
    let shown: Set<PredictionKind> = page.report == nil ? [] : [.confidence, .disagreement]
    let plan = try await pipeline.plan(readers, mask: mask, kinds: shown.union(files.outputKind.kinds))
    if planning.dryRun { return Console.error(InferenceSummary(plan).text) }
    Console.note(InferenceSummary(plan).text)
    Console.detail("reads \(input.joined(separator: ", ")); writes \(files.output.joined(separator: ", "))")
    let watch = Stopwatch("infer")
    var writers: [PredictionKind: any VolumeWriter] = [:]
    for (kind, path) in files.targets {
      writers[kind] = try ImageFormats.create(
        path, info: plan.info(of: kind),
        options: WriteOptions(
          isReplacing: force, compression: compression.level, jobs: limits.limits.jobs.count))
    }
    let evidence =
      page.report == nil
      ? nil
      : try PredictionEvidence(plan, disagreementFile: files.targets.first { $0.kind == .disagreement }?.path)
    writers = try evidence?.watching(writers) ?? writers
    let report = try await pipeline.run(plan, to: writers)
    bar.clear()
    watch.say()
    try page.write(
      after: [watch.step], replacing: force, prediction: evidence?.prediction(model: files.model)
    ) {
      try request(plan, evidence)
    }
    try Console.result(summary(of: report))
  }

  /// The page: the scan, the patches over it, and what was found.
  private func request(_ plan: InferencePlan, _ evidence: PredictionEvidence?) throws -> ReportRequest {
    var request = ReportRequest(image: input[0], grid: try plan.gridOverScan()).limited(by: limits)
    // Only outputs of the scan's size can be shown over it.
    guard plan.outputExtent == plan.scanExtent else { return request }
    request.overlays = files.targets.filter { $0.kind == .labels }.map(\.path)
    if let evidence { request.overlays.append(evidence.disagreementFile) }
    return request
  }

  private func summary(of report: PatchPipeline.Report) -> String {
    let skipped =
      report.skippedPatches > 0 ? ", \(Console.grouped(report.skippedPatches)) skipped" : ""
    let share = report.seconds > 0 ? report.modelSeconds / report.seconds * 100 : 0
    return "\(Console.count(report.predictedPatches, "patch")) predicted\(skipped) in "
      + "\(Console.rounded(report.seconds, decimals: 1)) s, of which the network took "
      + "\(Console.rounded(share, decimals: 0)) %; written to \(files.output.joined(separator: ", "))"
  }
}
