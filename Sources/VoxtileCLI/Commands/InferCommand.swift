import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileReport

/// `voxtile infer`: a scan through a network, patch by patch.
struct InferCommand: AsyncParsableCommand, MessagingCommand, ReadingCommand {
  /// The network, and what is written.
  struct Files: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The network, an ONNX file. Given several times, the mean of what the networks give is taken (an ensemble).",
        valueName: "net.onnx"), completion: .file(extensions: ["onnx"]))
    var model: [String]

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

    /// The memory that the writers of all files hold themselves, about; the number of classes is not known yet.
    func writerByteCount(over info: VolumeInfo, jobs: Jobs) -> Int {
      targets.reduce(0) { sum, target in
        let isMany = [.probabilities, .logits].contains(target.kind)
        let output = VolumeInfo(extent: info.extent, channels: isMany ? 16 : 1, scalarType: .float32)
        let format = ImageFormats.registry.format(forName: target.path)
        return sum + (format?.writerByteCount(of: output, jobs: jobs.count) ?? 0)
      }
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
      guard Set(model).count == model.count else {
        throw ValidationError("--model \(model.joined(separator: ", ")) names a network twice")
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Predict a whole scan with a network in ONNX, patch by patch.",
    discussion: """
      The scan is cut into overlapping patches, the network predicts them, and the predictions are merged without \
      seams. The result has the size and position of the scan. Several inputs are the channels of one image. \
      OUTPUT.voxtile.json beside each result says how it was made.

        voxtile infer brain.nii.gz --model net.onnx --patch 96 --normalize zscore --output labels.nii.gz

      Give the network what it was trained with: its patch size, the normalization, the orientation and the order of the \
      axes (MONAI and TorchIO: --orientation RAS --axes xyz; nnU-Net: --axes zyx). A network file may carry these \
      settings; see the guide.
      """)

  @Argument(help: "The scan; several files are the channels of one image.", completion: .file())
  var input: [String]

  /// How a 4D file is taken.
  struct Series: ParsableArguments {
    @Option(
      name: .customLong("time-points"),
      help: ArgumentHelp("What the volumes of a 4D file are.", valueName: "how"))
    var timePoints = TimePointsArgument.asChannels
  }

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.inputAndOutput) var series: Series

  @OptionGroup(.patches) var patches: InferencePatchOptions

  @OptionGroup(.merging) var merging: PredictionMergeOptions

  @OptionGroup(.network) var network: NetworkOptions

  @OptionGroup(.result) var result: PredictionOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: DryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.running) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  /// `--compat` together with an option that it decides.
  static var compatDecides: ValidationError {
    ValidationError("--compat decides --edge, --padding and --blend; leave those out")
  }

  func validate() throws {
    if patches.compat != nil, merging.blend != nil { throw Self.compatDecides }
    guard series.timePoints == .separately else { return }
    if input.count > 1 {
      throw ValidationError("--time-points separately takes one 4D file, not \(input.count) files")
    }
    if page.report != nil {
      throw ValidationError("--report shows one image; leave out --time-points separately")
    }
  }

  func run() async throws {
    let readers = try input.map(Input.open)
    let mask = try patches.mask.map(Input.open)
    let paths = PredictionFiles(
      inputs: input, mask: patches.mask, networks: files.model, targets: files.targets, page: page.report)
    try paths.check(replacing: replacing.force)
    if page.report != nil { try ReportRequest.checkFits(memory: limits.limits.memory) }
    let bar = ProgressBar("infer")
    defer { bar.clear() }
    let warnings = PredictionWarnings()
    for (path, reader) in zip(input, readers) {
      reader.info.notes.forEach { warnings.keep("\(path) \($0)") }
    }
    let network = try await LoadedNetwork(
      files.model, options: network.options(jobs: limits.limits.jobs, warn: warnings.say))
    // Known only now: files beside the networks in which they keep their weights.
    try paths.checkAreNotRead(network.files.flatMap(\.self))
    let pipeline = try pipeline(network.model, over: readers[0].info, progress: bar.progress)
    let isSeries = series.timePoints == .separately
    let outcome =
      isSeries
      ? try await predictTimePoints(of: readers[0], mask: mask, pipeline, bar, warnings)
      : try await predictScan(readers, mask: mask, pipeline, bar, warnings)
    guard let outcome else { return }
    bar.clear()
    outcome.watch.say()
    if outcome.predictedPatches == 0 {
      warnings.say(
        "no patch was predicted, since all \(outcome.skippedPatches) hold background only; the whole result is background"
      )
    }
    let record = try record(outcome, of: network, pipeline.settings, warnings)
    // The digests in the record have to be those of what was predicted.
    for reader in readers + [mask].compactMap(\.self) { try reader.checkFileUnchanged() }
    try network.checkUnchanged()
    for target in files.targets { try record.write(beside: target.path, replacing: replacing.force) }
    try page.write(
      after: [outcome.watch.step], replacing: replacing.force,
      prediction: outcome.evidence?.prediction(model: files.model.joined(separator: ", "))
    ) {
      try request(outcome.plan, outcome.evidence)
    }
    try printing.json
      ? Console.printJSON(record)
      : Console.result(outcome.summary(writtenTo: files.output))
  }

  /// What predicts, with the settings of the command line and of the network.
  private func pipeline(
    _ model: any PatchModel, over info: VolumeInfo, progress: JobProgress
  ) throws -> PatchPipeline {
    let defaults = try model.defaults
    var settings = try patches.settings(over: info, model: model, defaults: defaults)
    merging.apply(to: &settings)
    network.apply(to: &settings, defaults: defaults)
    result.apply(to: &settings, defaults: defaults)
    // A picture's pixels have no size in mm.
    if info.metadata.place == .unknown { settings.spacing = nil }
    settings.limits = limits.limits
    settings.writerByteCount = files.writerByteCount(over: info, jobs: limits.limits.jobs)
    settings.progress = progress
    return PatchPipeline(model: model, settings: settings)
  }

  /// How the result was made.
  private func record(
    _ outcome: PredictionOutcome, of network: LoadedNetwork, _ settings: InferenceSettings,
    _ warnings: PredictionWarnings
  ) throws -> PredictionRecord {
    PredictionRecord(
      date: PredictionRecord.now,
      engine: .init(
        name: network.engine.name, version: network.engineVersion, provider: self.network.provider),
      networks: try network.files.map(PredictionRecord.files),
      inputs: try input.flatMap(PredictionRecord.files(ofImage:)),
      mask: try patches.mask.map(PredictionRecord.files(ofImage:)),
      outputs: files.targets.map { target in
        let info = outcome.infos[target.kind] ?? outcome.plan.info(of: target.kind)
        return .init(
          name: target.path.fileName,
          kind: target.kind.rawValue, extent: info.extent.sizes.all, channels: info.channels,
          scalarType: info.scalarType)
      },
      settings: PredictionRecordSettings(
        settings, plan: outcome.plan, options: self.network, timePoints: series.timePoints),
      labels: outcome.plan.labelNames.map { .init(label: $0.label, name: $0.name) },
      patches: .init(predicted: outcome.predictedPatches, skipped: outcome.skippedPatches),
      warnings: warnings.all)
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
}
