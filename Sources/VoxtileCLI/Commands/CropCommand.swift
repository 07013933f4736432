import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile crop`: an image into a folder of patch files.
struct CropCommand: MessagingCommand, ReadingCommand {
  /// What is written.
  struct Output: ParsableArguments {
    @Option(name: [.short, .long], help: "The folder to make.", completion: .directory)
    var output: String
  }

  /// The format of what is written.
  struct Format: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The format of the patch files: \(FormatWords.patchEndings); by default the input's own.",
        valueName: "format"))
    var format: String?

    @Option(
      help: ArgumentHelp(
        "What the name of each patch file has before its ending, such as _0000 for nnU-Net.",
        valueName: "_0000"))
    var suffix = ""
  }

  static let configuration = CommandConfiguration(
    commandName: "crop",
    abstract: "Cut an image into a folder of patch files with a manifest.",
    discussion: """
      Each patch file carries its own position in space, so a viewer shows it in place over its scan. The folder \
      appears only when it is complete.
      """)

  @Argument(help: "The image or volume.", completion: .file())
  var input: String

  @OptionGroup(.inputAndOutput) var target: Output

  @OptionGroup(.patches) var grid: GridOptions

  @OptionGroup(.result) var format: Format

  @OptionGroup(.result) var values: ValueOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    let (output, force) = (target.output, replacing.force)
    try Target.checkAreDistinct([output, page.report].compactMap(\.self))
    try page.checkTarget(
      replacing: force, reading: ImageFormats.registry.files(of: input), memory: limits.limits.memory)
    let reader = try Input.open(input)
    let info = reader.info
    let grid = try grid.grid(over: info)
    let summary = try GridSummary(of: grid, over: info, input: input)
    summary.warnings.forEach(Console.warn)
    let values = try self.values.map(of: reader)
    if messages.verbose {
      let plan = try MemoryPlan.crop(
        grid, of: info, values: values, isRandomAccess: reader.isRandomAccess,
        bufferBytes: reader.bufferByteCount,
        limits: limits.limits)
      Console.detail("reads \(input.printable): \(ImageSize(info)), \(info.scalarType.rawValue)")
      Console.detail(
        "writes \(Console.count(grid.count, "patch")), \(Console.bytes(summary.outputBytes)) before compression"
      )
      Console.detail("memory \(plan.text), \(Console.count(plan.jobs.count, "thread"))")
    }
    let watch = Stopwatch("crop")
    let bar = ProgressBar("crop")
    defer { bar.clear() }
    let options = PatchStore.CropOptions(
      fileExtension: format.format, fileSuffix: format.suffix, values: values, isReplacing: force,
      compression: compression.level, limits: limits.limits, progress: bar.progress)
    let store = try PatchStore.crop(reader, of: input, into: output, grid: grid, options: options)
    bar.clear()
    if let values { options.findings.remarks(as: values.scalarType).forEach(Console.warn) }
    watch.say()
    try page.write(after: [watch.step], replacing: force) {
      ReportRequest(store: store, image: input).limited(by: limits)
    }
    try Console.result(
      "\(Console.count(store.manifest.grid.count, "patch")) of \(summary.size(summary.patch)) in \(output.printable)"
    )
  }
}
