import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile merge`: a folder of patch files into an image.
struct MergeCommand: AsyncParsableCommand, ManyFilesCommand, MessagingCommand, ReadingCommand {
  /// What is read and written.
  struct Files: ParsableArguments {
    @Option(
      name: [.short, .long], help: "The image to write; of many patch folders, the folder for the images.",
      completion: .file())
    var output: String

    @Option(help: "The manifest; by default voxtile.json in the folder.", completion: .file())
    var manifest: String?

    @Option(
      help: ArgumentHelp(
        "How the patch files are called; by default names that common tools give are found.",
        discussion: "{name} stands for the name of a patch without its ending, as in '{name}_seg.nii.gz'.",
        valueName: "names"))
    var pattern: String?

    @Option(
      help: ArgumentHelp(
        "With --report: the image that was cut; by default the one of its name next to the folder.",
        valueName: "image"),
      completion: .file())
    var against: String?
  }

  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge a folder of patch files into an image.",
    discussion: """
      The patches may be the outputs of another tool under the same names, or names such as NAME_seg, also with another \
      scalar type, more channels or another format. The merged file has the header of the original.

      Or the folder holds predictions that 'voxtile infer --output-kind predictions' has kept: they become labels, or another \
      --output-kind, with the bits of a prediction in one run. With --part, several processes write one OME-Zarr image.
      """)

  @Argument(
    help: ArgumentHelp(
      "The folder with the patch files; or a folder with many such folders, at any depth, or a pattern in quotes. With --cases, the "
        + "column image names such folders.",
      valueName: "folder"),
    completion: .directory)
  var inputs: [String] = []

  @OptionGroup(.inputAndOutput) var tables: CaseTableOptions

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.inputAndOutput) var naming: ResultNameOptions

  @OptionGroup(.merging) var merging: MergingOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.result) var chunks: ChunkOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var running: CaseRunOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: DryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func validate() throws {
    if files.against != nil, page.report == nil { throw ValidationError("--against needs --report") }
    try tables.checkInputs(inputs)
    if tables.table != nil, files.manifest != nil {
      throw ValidationError("--manifest is that of one patch folder; with --cases, each folder has its own")
    }
  }

  /// The folder that is merged.
  var patches: String { inputs.first ?? "" }

  func run() async throws {
    if tables.table == nil, ZarrPredictions.isHeld(at: patches) { return try await mergePredictions() }
    if merging.removeMerged {
      throw ValidationError(
        "--remove-merged is for predictions that were kept (infer --output-kind predictions), not for patch files"
      )
    }
    if files.manifest == nil, let list = try tables.patchFolders(inputs) {
      guard page.report == nil else {
        throw ValidationError("--report shows one merge; with many, --reports writes a page for each")
      }
      return try await runMany(list)
    }
    try PatchFolderSearch.checkIsNoPattern(patches)
    try running.checkAreNotGiven()
    guard !planning.dryRun else {
      throw ValidationError(
        "--dry-run is for predictions that were kept, and for many patch folders; 'voxtile plan' says what a merge of one takes"
      )
    }
    let bar = ProgressBar("merge")
    defer { bar.clear() }
    let record = try merge(bar.progress).record
    bar.clear()
    try Console.done(
      "\(Console.count(record.patches - record.missingPatches.count, "patch")) merged into \(files.output.printable) by \(record.blend)",
      files: [files.output], json: printing.json ? record : nil)
  }

  /// Merges one folder, prints what should be known of that, and writes the page.
  private func merge(
    _ progress: JobProgress
  ) throws -> (store: PatchStore, record: MergeRecord, warnings: [String]) {
    let force = replacing.force
    let store = try PatchStore(contentsOf: patches, manifest: files.manifest)
    try checkPage(of: store)
    sayPlan(of: store)
    var write = WriteOptions(
      isReplacing: force, compression: compression.level, jobs: limits.limits.jobs.count)
    try chunks.apply(to: &write, over: ImageSize(store.manifest.source.info), writing: [files.output])
    let watch = Stopwatch("merge")
    let report = try store.merge(
      to: files.output,
      options: .init(
        blend: merging.blend?.blend, leastInstanceIoU: merging.leastInstanceIoU, fill: merging.fill,
        outputKind: try merging.kindOfPatchFiles(),
        scalarType: merging.type, nan: merging.nan, missing: merging.missing, pattern: files.pattern,
        ignoresPositions: merging.ignorePositions,
        write: write, limits: limits.limits, progress: progress))
    let merged = watch.step
    watch.say()
    let remarks = MergeRemark.all(
      on: report, element: store.manifest.source.info.element, fill: merging.fill, nan: merging.nan,
      output: files.output)
    for remark in remarks { remark.isWarning ? Console.warn(remark.text) : Console.remark(remark.text) }
    try page.write(after: [merged], replacing: force) {
      let original = files.against ?? store.original(manifest: files.manifest)
      var request = ReportRequest(store: store, image: original).limited(by: limits)
      request.merged = files.output
      request.blend = report.method
      request.remarks = remarks.map(\.text)
      return request
    }
    let record = MergeRecord(
      report, of: store, files: (files.output, patches), seconds: merged.seconds, remarks: remarks)
    return (store, record, remarks.filter(\.isWarning).map(\.text))
  }

  /// Checks before the merge that its page can be made and written.
  private func checkPage(of store: PatchStore) throws {
    try Target.checkAreDistinct([files.output, page.report].compactMap(\.self))
    if let against = files.against { _ = try ImageFormats.open(against) }
    let read = store.manifest.grid.map { store.path(of: $0) }
    try page.checkTarget(
      replacing: replacing.force,
      reading: [files.manifest ?? "\(patches)/\(Manifest.fileName)", files.against].compactMap(\.self)
        + read,
      memory: limits.limits.memory)
  }

  /// Prints what is going to be done, with `--verbose`.
  private func sayPlan(of store: PatchStore) {
    guard messages.verbose else { return }
    let (grid, source) = (store.manifest.grid, store.manifest.source)
    Console.detail("reads \(Console.count(grid.count, "patch")) of \(grid.patch) in \(patches.printable)")
    Console.detail("writes \(files.output.printable): \(ImageSize(source.info))")
    let bytes = source.channels * source.scalarType.byteCount
    let plan = try? MemoryPlan.merge(
      grid, patchValueBytes: bytes, outputValueBytes: bytes,
      isRandomAccess: store.isRandomAccess, limits: limits.limits)
    if let plan {
      Console.detail(
        "memory \(plan.text), if the patches are still \(source.scalarType.rawValue)")
    }
  }
}

extension MergeCommand {
  var memoryLimit: MemoryArgument? {
    get { limits.memory }
    set { limits.memory = newValue }
  }

  var folder: String { files.output }

  var isDryRun: Bool { planning.dryRun }

  /// In the format of the image that was cut, where that is written here.
  func result(of one: ScanCase) throws -> String {
    // A folder that cannot be read fails when its turn comes.
    let source = (try? PatchStore(contentsOf: one.images[0]))?.manifest.source.name ?? ""
    let ending = ImageFormats.registry.ending(of: source)
    let isWritten =
      ImageFormats.registry.format(forName: source)?.writableEndings.contains(ending ?? "") == true
    return try naming.resultName(ending: isWritten ? ending : nil).path(of: one)
  }

  func command(for one: ScanCase, into target: String) -> MergeCommand {
    var command = self
    command.inputs = one.images
    command.tables.table = nil
    command.files.output = target
    if running.reports { command.page.report = target + ".html" }
    return command
  }

  func perform(_ progress: JobProgress) throws -> CaseFindings {
    let clock = ContinuousClock.now
    guard !ZarrPredictions.isHeld(at: patches) else {
      throw VoxtileError(
        .invalidOption, "holds predictions that were kept, which are merged one scan at a time",
        context: .init(file: patches))
    }
    let (store, _, warnings) = try merge(progress)
    var findings = CaseFindings(
      of: store.manifest.source.info, patches: store.manifest.grid.count, since: clock)
    findings.warnings = warnings
    return findings
  }
}
