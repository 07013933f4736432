import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile crop`: an image into a folder of patch files.
struct CropCommand: AsyncParsableCommand, ManyFilesCommand, MessagingCommand, ReadingCommand {
  /// What is written.
  struct Output: ParsableArguments {
    @Option(
      name: [.short, .long], help: "The folder to make; of many scans, it holds a folder for each.",
      completion: .directory)
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

  @Argument(
    help: ArgumentHelp(
      "The image or volume; or many: a folder of them, or a pattern in quotes such as 'study/**/*.nii.gz'.",
      valueName: "input"),
    completion: .file())
  var inputs: [String] = []

  @OptionGroup(.inputAndOutput) var target: Output

  @OptionGroup(.inputAndOutput) var cases: CaseOptions

  @OptionGroup(.patches) var grid: GridOptions

  @OptionGroup(.result) var format: Format

  @OptionGroup(.result) var values: ValueOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.result) var chunks: ChunkOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var running: CaseRunOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: ManyDryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func validate() throws { try cases.checkInputs(inputs) }

  func run() async throws {
    if let list = try cases.list(inputs, naming: .single) {
      guard page.report == nil else {
        throw ValidationError("--report shows one scan; with many, --reports writes a page for each")
      }
      return try await runMany(list)
    }
    try running.checkAreNotGiven()
    try cases.checkAreNotGiven()
    try planning.checkIsNotGiven()
    let bar = ProgressBar("crop")
    defer { bar.clear() }
    let record = try crop(bar.progress).record
    bar.clear()
    let plan = record.plan
    try Console.done(
      "\(Console.count(plan.patches, "patch")) of \(plan.size(plan.patch)) in \(output.printable)",
      files: [output], json: printing.json ? record : nil)
  }

  /// The image that is cut.
  private var input: String { inputs.first ?? "" }
  /// The folder that is made.
  private var output: String { target.output }

  /// Cuts the image, prints what should be known of that, and writes the page.
  private func crop(
    _ progress: JobProgress
  ) throws -> (store: PatchStore, record: CropRecord, warnings: [String]) {
    let force = replacing.force
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
    var written = WriteOptions(compression: compression.level)
    let ending = format.format ?? ImageFormats.registry.patchEnding(forName: input)
    try chunks.apply(to: &written, over: ImageSize(info), writing: ["patch.\(ending)"])
    let options = PatchStore.CropOptions(
      fileExtension: format.format, fileSuffix: format.suffix, values: values, isReplacing: force,
      compression: written.compression, chunk: written.chunk, formatVersion: written.formatVersion,
      limits: limits.limits, progress: progress)
    let store = try PatchStore.crop(reader, of: input, into: output, grid: grid, options: options)
    let step = watch.step
    var record = CropRecord(
      output: output, manifest: "\(output)/\(Manifest.fileName)", plan: summary,
      scalarType: store.manifest.values?.scalarType ?? info.scalarType, format: store.manifest.fileExtension,
      seconds: step.seconds, remarks: summary.warnings)
    if values == nil, let real = store.manifest.values {
      let words = FormatWords.realValues(as: real.scalarType, in: "patch.\(store.manifest.fileExtension)")
      Console.remark(words)
      record.remarks.append(words)
    }
    var remarks = values.map { options.findings.remarks(as: $0.scalarType) } ?? []
    if values == nil, grid.contains(where: { $0.region != $0.valid }) {
      remarks += [info.remark(on: grid.settings.padding)].compactMap(\.self)
    }
    remarks.forEach(Console.warn)
    record.remarks += remarks
    watch.say()
    try page.write(after: [step], replacing: force) {
      ReportRequest(store: store, image: input).limited(by: limits)
    }
    return (store, record, summary.warnings + remarks)
  }
}

extension CropCommand {
  var memoryLimit: MemoryArgument? {
    get { limits.memory }
    set { limits.memory = newValue }
  }

  var isDryRun: Bool { planning.dryRun }

  var folder: String { target.output }

  func result(of one: ScanCase) throws -> String {
    try cases.naming.resultName().path(of: one, hasEnding: false)
  }

  func command(for one: ScanCase, into target: String) -> CropCommand {
    var command = self
    command.inputs = one.images
    command.target.output = target
    if running.reports { command.page.report = target + ".html" }
    return command
  }

  func perform(_ progress: JobProgress) throws -> CaseFindings {
    let clock = ContinuousClock.now
    let (store, _, warnings) = try crop(progress)
    var findings = CaseFindings(
      of: store.manifest.source.info, patches: store.manifest.grid.count, since: clock)
    findings.warnings = warnings
    return findings
  }
}

extension CaseFindings {
  /// What a job over an image's patches took.
  init(of info: VolumeInfo, patches: Int, since start: ContinuousClock.Instant) {
    let spacing = info.metadata.place == .unknown ? nil : info.metadata.spacing.all
    self.init(
      extent: info.extent.sizes.all, spacing: spacing, patches: patches,
      seconds: (ContinuousClock.now - start).seconds)
    peakMemoryBytes = ProcessMemory.peak
  }
}
