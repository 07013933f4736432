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
    var model: [String] = []

    @Option(
      name: [.short, .long],
      help: ArgumentHelp(
        "The file to write, or the folder for the results of many scans. With several kinds in --output-kind and one scan, give one "
          + "file for each, in the same order.",
        valueName: "file"),
      completion: .file())
    var output: [String]

    @Option(
      name: .customLong("output-kind"),
      help: ArgumentHelp(
        "What to write: one kind, or several joined by commas. With predictions, what the network gives of each patch is kept in a "
          + "folder, which merge makes an image of.", valueName: "kind"))
    var outputKind = KindsArgument.labels

    /// Each kind of output with its file.
    var targets: [(kind: PredictionKind, path: String)] {
      zip(outputKind.kinds, output).map { ($0, $1) }
    }

    /// The memory that the writers of all files hold themselves, about; the number of classes is not known yet.
    func writerByteCount(over info: VolumeInfo, options: WriteOptions) -> Int {
      targets.reduce(0) { sum, target in
        let isMany = [.probabilities, .logits].contains(target.kind)
        let output = VolumeInfo(extent: info.extent, channels: isMany ? 16 : 1, scalarType: .float32)
        let format = ImageFormats.registry.format(forName: target.path)
        return sum + (format?.writerByteCount(of: output, options: options) ?? 0)
      }
    }

    /// Makes sure that there is a file for each kind of output, which only one scan has.
    func checkCount() throws {
      guard output.count == outputKind.count else {
        throw ValidationError(
          "there are \(output.count) --output for \(outputKind.count) kinds "
            + "(\(outputKind.defaultValueDescription)); give one file for each")
      }
    }

    func validate() throws {
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
        voxtile infer scans --model net.onnx --patch 96 --normalize zscore --output predictions

      Of many scans, one that cannot be predicted does not stop the others. A run that was stopped goes on with --resume. The output \
      folder gets summary.csv: a row for each scan.

      Give the network what it was trained with: its patch size, the normalization, the orientation and the order of the \
      axes (MONAI and TorchIO: --orientation RAS --axes xyz; nnU-Net: --axes zyx). A network file may carry these \
      settings; see the guide.
      """)

  @Argument(
    help: ArgumentHelp(
      "The scan; several files are the channels of one image where the network takes as many. Or many scans: a folder, or a pattern "
        + "in quotes such as 'study/**/*_T1w.nii.gz'.", valueName: "input"),
    completion: .file())
  var input: [String] = []

  /// How a 4D file is taken.
  struct Series: ParsableArguments {
    @Option(
      name: .customLong("time-points"),
      help: ArgumentHelp("What the volumes of a 4D file are.", valueName: "how"))
    var timePoints = TimePointsArgument.asChannels
  }

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.inputAndOutput) var cases: CaseOptions

  @OptionGroup(.inputAndOutput) var channels: ChannelOptions

  @OptionGroup(.inputAndOutput) var series: Series

  @OptionGroup(.patches) var patches: InferencePatchOptions

  @OptionGroup(.merging) var merging: PredictionMergeOptions

  @OptionGroup(.network) var nnunet: NnUNetOptions

  @OptionGroup(.network) var tasks: TaskOptions

  @OptionGroup(.network) var network: NetworkOptions

  @OptionGroup(.result) var result: PredictionOptions

  @OptionGroup(.result) var cleaning: CleaningOptions

  @OptionGroup(.result) var truth: TruthOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.result) var chunks: ChunkOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var running: CaseRunOptions

  @OptionGroup(.running) var planning: DryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  /// `--compat` together with an option that it decides.
  static var compatDecides: ValidationError {
    ValidationError("--compat decides --edge, --padding and --blend; leave those out")
  }

  func validate() throws {
    if patches.compat != nil, merging.blend != nil { throw Self.compatDecides }
    if input.isEmpty, cases.table == nil {
      throw ValidationError("there is no scan; name a file, a folder of scans, or a table with --cases")
    }
    try running.checkFits(replacing)
    try checkNetworkOptions()
    try checkTaskOptions()
    try checkAlignment()
    try checkStoring()
    if truth.truth != nil, !files.outputKind.kinds.contains(.labels) {
      throw ValidationError("--truth compares labels; add labels to --output-kind")
    }
    if cleaning.isAsked, !files.outputKind.kinds.contains(.labels) {
      throw ValidationError(
        "--min-volume, --keep-largest and --fill-holes clean labels; add labels to --output-kind")
    }
    guard series.timePoints == .separately else { return }
    if input.count > 1 {
      throw ValidationError("--time-points separately takes one 4D file, not \(input.count) files")
    }
    if page.report != nil {
      throw ValidationError("--report shows one image; leave out --time-points separately")
    }
  }

  func run() async throws {
    var command = self
    if let folder = try nnunet.folder() { command.files.model = folder.models }
    try await command.predict()
  }

  private func predict() async throws {
    // The records of results need digests; better no prediction than one that ends without its record.
    try FileDigest.check()
    if tasks.isGiven { return try await predictByTasks() }
    switch try selection() {
    case .one: try await predictOne()
    case .many: try await predictMany(try await loadNetwork())
    case .knownByNetwork:
      let network = try await loadNetwork()
      try takesAsChannels(network) ? await predictOne(network) : await predictMany(network)
    }
  }
}
