import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileReport

/// `voxtile infer`: a scan through a network, patch by patch.
struct InferCommand: AsyncParsableCommand, MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Predict a whole scan with a network in ONNX, patch by patch.",
    discussion: """
      The scan is cut into overlapping patches, the network predicts them, and the predictions are merged without \
      seams; the result lies over the scan. Several inputs are the channels of one image.

        voxtile infer brain.nii.gz --model net.onnx --patch 96 --normalize zscore --output labels.nii.gz

      Give the network what it was trained with: its patch size, the normalisation, the orientation and the order of the \
      axes (MONAI and TorchIO: --orientation RAS --axes xyz; nnU-Net: --axes zyx). A network may carry these \
      itself, see the guide.
      """)

  @Argument(help: "The scan; several files are the channels of one image.", completion: .file())
  var input: [String]

  @Option(help: "The network, an ONNX file.", completion: .file(extensions: ["onnx"]))
  var model: String

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "The file to write; with several --output-kind, one for each in the same order.", valueName: "file"),
    completion: .file())
  var output: [String]

  @Option(
    name: .customLong("output-kind"),
    help: ArgumentHelp(
      "What to write: labels, probabilities, logits, confidence or disagreement; several are joined by commas.",
      valueName: "kind"))
  var outputKind = KindsArgument.labels

  @OptionGroup(title: "Patches") var patches: InferencePatchOptions

  @OptionGroup(title: "Network") var network: NetworkOptions

  @OptionGroup(title: "Result") var result: PredictionOptions

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup var page: PageOptions

  @Flag(help: "Print what it will take, and stop.")
  var dryRun = false

  @Flag(help: "Replace older files.")
  var force = false

  @OptionGroup(title: "Messages") var messages: MessageOptions

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

  func run() async throws {
    let readers = try input.map(ImageFormats.open)
    let mask = try result.mask.map(ImageFormats.open)
    let targets = zip(outputKind.kinds, output)
    for path in output { try Target.check(path, replacing: force) }
    try page.checkTarget(replacing: force)
    let bar = ProgressBar("infer")
    defer { bar.clear() }
    let engine = try EngineChoice(for: model, options: network.options(jobs: limits.limits.jobs))
    Console.detail("\(engine.engine.name) \(engine.version) runs \(model)")
    let model = try await engine.load()
    let defaults = try model.defaults
    var settings = try patches.settings(over: readers[0].info.extent, model: model, defaults: defaults)
    try network.apply(to: &settings, defaults: defaults)
    try result.apply(to: &settings, defaults: defaults)
    settings.limits = limits.limits
    settings.progress = bar.progress
    let pipeline = PatchPipeline(model: model, settings: settings)
    let shown: Set<PredictionKind> = page.report == nil ? [] : [.confidence, .disagreement]
    let plan = try await pipeline.plan(readers, mask: mask, kinds: shown.union(outputKind.kinds))
    if dryRun { return Console.error(InferenceSummary(plan).text) }
    Console.note(InferenceSummary(plan).text)
    Console.detail("reads \(input.joined(separator: ", ")); writes \(output.joined(separator: ", "))")
    let watch = Stopwatch("infer")
    var writers: [PredictionKind: any VolumeWriter] = [:]
    for (kind, path) in targets {
      writers[kind] = try ImageFormats.create(
        path, info: plan.info(of: kind),
        options: WriteOptions(
          isReplacing: force, compression: result.compression.level, jobs: limits.limits.jobs.count))
    }
    let evidence =
      page.report == nil
      ? nil
      : try PredictionEvidence(plan, disagreementFile: targets.first { $0.0 == .disagreement }?.1)
    writers = try evidence?.watching(writers) ?? writers
    let report = try await pipeline.run(plan, to: writers)
    bar.clear()
    watch.say()
    try page.write(
      after: [watch.step], replacing: force, prediction: evidence?.prediction(model: self.model)
    ) {
      try request(plan, evidence)
    }
    try Console.result(summary(of: report))
  }

  /// The page: the scan, the patches over it, and what was found.
  private func request(_ plan: InferencePlan, _ evidence: PredictionEvidence?) throws -> ReportRequest {
    var request = ReportRequest(image: input[0], grid: try plan.gridOverScan()).limited(by: limits)
    // Only what has the size of the scan can lie over it.
    guard plan.outputExtent == plan.scanExtent else { return request }
    request.overlays = zip(outputKind.kinds, output).filter { $0.0 == .labels }.map { $0.1 }
    if let evidence { request.overlays.append(evidence.disagreementFile) }
    return request
  }

  private func summary(of report: PatchPipeline.Report) -> String {
    let skipped =
      report.skippedPatches > 0 ? ", \(Console.grouped(report.skippedPatches)) passed over" : ""
    let share = report.seconds > 0 ? report.modelSeconds / report.seconds * 100 : 0
    return "\(Console.count(report.predictedPatches, "patch")) predicted\(skipped) in "
      + "\(Console.rounded(report.seconds, decimals: 1)) s, of which the network took "
      + "\(Console.rounded(share, decimals: 0)) %; written to \(output.joined(separator: ", "))"
  }
}
