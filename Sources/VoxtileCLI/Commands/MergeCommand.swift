import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile merge`: a folder of patch files into an image.
struct MergeCommand: MessagingCommand, ReadingCommand {
  /// What is read and written.
  struct Files: ParsableArguments {
    @Option(name: [.short, .long], help: "The image to write.", completion: .file())
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
      """)

  @Argument(help: "The folder with the patch files.", completion: .directory)
  var folder: String

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.merging) var merging: MergingOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func validate() throws {
    if files.against != nil, page.report == nil { throw ValidationError("--against needs --report") }
  }

  func run() throws {
    let force = replacing.force
    let store = try PatchStore(contentsOf: folder, manifest: files.manifest)
    try checkPage(of: store)
    sayPlan(of: store)
    let watch = Stopwatch("merge")
    let bar = ProgressBar("merge")
    defer { bar.clear() }
    let report = try store.merge(
      to: files.output,
      options: .init(
        blend: merging.blend, fill: merging.fill, outputKind: merging.outputKind,
        scalarType: merging.type, nan: merging.nan, missing: merging.missing, pattern: files.pattern,
        ignoresPositions: merging.ignorePositions,
        write: WriteOptions(
          isReplacing: force, compression: compression.level, jobs: limits.limits.jobs.count),
        limits: limits.limits, progress: bar.progress))
    bar.clear()
    let merged = watch.step
    watch.say()
    let remarks = MergeRemark.all(
      on: report, element: store.manifest.source.info.element, fill: merging.fill, nan: merging.nan)
    for remark in remarks { remark.isWarning ? Console.warn(remark.text) : Console.note(remark.text) }
    try page.write(after: [merged], replacing: force) {
      let original = files.against ?? store.original(manifest: files.manifest)
      var request = ReportRequest(store: store, image: original).limited(by: limits)
      request.merged = files.output
      request.blend = "\(report.blend)"
      request.remarks = remarks.map(\.text)
      return request
    }
    try Console.result(
      "\(Console.count(store.manifest.grid.count, "patch")) merged into \(files.output.printable) by \(report.blend)"
    )
  }

  /// Checks before the merge that its page can be made and written.
  private func checkPage(of store: PatchStore) throws {
    try Target.checkAreDistinct([files.output, page.report].compactMap(\.self))
    if let against = files.against { _ = try ImageFormats.open(against) }
    let patches = store.manifest.grid.map { store.path(of: $0) }
    try page.checkTarget(
      replacing: replacing.force,
      reading: [files.manifest ?? "\(folder)/\(Manifest.fileName)", files.against].compactMap(\.self)
        + patches,
      memory: limits.limits.memory)
  }

  /// Prints what is going to be done, with `--verbose`.
  private func sayPlan(of store: PatchStore) {
    guard messages.verbose else { return }
    let (grid, source) = (store.manifest.grid, store.manifest.source)
    Console.detail("reads \(Console.count(grid.count, "patch")) of \(grid.patch) in \(folder.printable)")
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
