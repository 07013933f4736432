import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileStore

/// `voxtile sample`: training patches of scans with labels.
struct SampleCommand: MessagingCommand, ReadingCommand {
  /// What is read and written.
  struct Files: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The labels of the scan; for a folder of scans a folder with files of the same names.",
        valueName: "labels.nii.gz"),
      completion: .file())
    var labels: String?

    @Option(name: [.short, .long], help: "The folder to make.", completion: .directory)
    var output: String?
  }

  /// How the folder looks.
  struct Form: ParsableArguments {
    @Option(
      help:
        "How the folder is laid out: as Voxtile's own, nnU-Net's raw data, or the Decathlon's, which MONAI reads."
    )
    var layout = SampleLayout.voxtile

    @Option(
      help: ArgumentHelp(
        "How many scans are for training; the others are for validation. A scan is never on both sides.",
        valueName: "80%"))
    var split: ShareArgument?

    @Option(help: ArgumentHelp("New labels for some labels.", valueName: "2:1,3:1"))
    var labelsMap: LabelPairsArgument?

    @Option(
      help: ArgumentHelp(
        "What lies beyond the border of an image that is padded (default: constant).", valueName: "padding"))
    var padding: Padding?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "What lies beyond the border of labels that are padded (default: 0).", valueName: "0|-1"))
    var labelPadding: Int?

    @Flag(help: "Write the list of patches without the patches, for a trainer that cuts them itself.")
    var listOnly = false
  }

  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract:
      "Choose training patches of scans with labels: every lesion, balanced, the same for the same seed.",
    discussion: """
      Patches are pairs of images and labels, each with its own position in space. voxtile-samples.json says where each lies, \
      why it was chosen and what it holds. What is chosen of a scan depends on nothing but that scan, its name and the options.
      """)

  @Argument(help: "The scan, several files that are its channels, or a folder of scans.", completion: .file())
  var inputs: [String] = []

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.inputAndOutput) var cases: SampledCaseOptions

  @OptionGroup(.patches) var sampling: SamplingOptions

  @OptionGroup(.result) var form: Form

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var dryRunning: DryRunOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    guard files.output != nil || dryRunning.dryRun else {
      throw ValidationError("--output is missing; name the folder to make, or use --dry-run")
    }
    if page.report != nil, dryRunning.dryRun {
      throw ValidationError(
        "--report shows patches that are written, and --dry-run writes none; leave one out")
    }
    try checkForm()
    let scans = try cases.scans(inputs, labels: files.labels, weights: sampling.weight)
    let read = scans.flatMap { $0.images + [$0.labels] }
    Input.sayNotes(on: read)
    if let output = files.output {
      let others = scans.compactMap(\.weights) + [cases.table].compactMap(\.self)
      try page.checkTarget(
        ofSamples: output, limits: limits.limits, replacing: replacing.force, reading: read + others)
    }
    let options = try self.options(for: scans)
    let watch = Stopwatch("sample")
    let set = try SampleSet(of: scans, options: options)
    try sayFailures(set.failures)
    let summary = SampleSummary(set, options: options)
    watch.say()
    summary.warnings.forEach(Console.warn)
    let output = dryRunning.dryRun ? nil : files.output
    let lines = summary.lines(output: output).joined(separator: "\n")
    if let output {
      try write(set, to: output, options: options)
      try page.write(ofSamples: output, limits: limits.limits, replacing: replacing.force)
      return try Console.done(
        lines, files: [output, page.report].compactMap(\.self), json: printing.json ? summary : nil)
    }
    if printing.json { return try Console.printJSON(summary) }
    try Console.result(lines)
  }

  /// Makes sure that no option is given that would change nothing.
  private func checkForm() throws {
    if form.listOnly, form.layout != .voxtile {
      throw ValidationError(
        "--layout \(form.layout.rawValue) is for patches, and --list-only writes none; leave one out")
    }
    if let split = form.split, split.share == .none {
      throw ValidationError("--split \(split.text) leaves no scan for training; use more, such as 80%")
    }
    if let padding = form.labelPadding, Int32(exactly: padding) == nil {
      throw ValidationError(
        "--label-padding \(padding) is no label; use \(Int32.min) to \(Int32.max)")
    }
    let pads = sampling.edge == .pad || sampling.compat == .nnunet
    for (name, isGiven) in [
      ("--padding", form.padding != nil), ("--label-padding", form.labelPadding != nil),
    ] where isGiven && !pads {
      throw ValidationError("\(name) is for scans that are padded; add --edge pad, or leave it out")
    }
  }

  private func options(for scans: [SampledScan]) throws -> SampleOptions {
    var options = try sampling.options(over: ImageFormats.open(scans[0].images[0]).info)
    try checkPatch(options.patch, of: scans)
    options.labelMap = form.labelsMap?.pairs ?? [:]
    options.trainingShare = form.split?.share ?? .all
    options.layout = form.layout
    options.writesPatches = !form.listOnly
    if let padding = form.padding { options.padding = padding }
    if let padding = form.labelPadding { options.labelPadding = padding }
    options.isReplacing = replacing.force
    options.otherFiles = [cases.table].compactMap(\.self)
    options.compression = compression.level
    options.limits = limits.limits
    return options
  }

  /// Makes sure that the patch is the same for all scans, of which some may be volumes and others images of one slice.
  private func checkPatch(_ patch: Extent, of scans: [SampledScan]) throws {
    for scan in scans.dropFirst() where FormatProbe(scan.images[0]).kind == .file {
      // One that cannot be opened is reported with the others.
      guard let info = try? ImageFormats.open(scan.images[0]).info else { continue }
      let own = try sampling.patch.extent(over: ImageSize(info))
      guard own == patch else {
        throw ValidationError(
          "--patch is \(patch) for \(scans[0].name.printable) and \(own) for \(scan.name.printable), since one of them has a single "
            + "slice; write all three sizes, or sample them apart")
      }
    }
  }

  private func write(_ set: SampleSet, to output: String, options: SampleOptions) throws {
    let watch = Stopwatch("write")
    let bar = ProgressBar("sample")
    defer { bar.clear() }
    var options = options
    options.progress = bar.progress
    try set.write(to: output, options: options)
    bar.clear()
    watch.say()
  }

  /// Prints the scans of which no patches could be chosen.
  ///
  /// - Throws: `ExitCode.failure` where there are some.
  private func sayFailures(_ failures: [SampleSet.Failure]) throws {
    for failure in failures {
      Console.error("failed   \(failure.scan.name.printable): \(failure.error.description { $0.inOptions })")
    }
    if !failures.isEmpty { throw ExitCode.failure }
  }
}
