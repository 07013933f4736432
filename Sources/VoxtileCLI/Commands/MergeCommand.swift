import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile merge`: a folder of patch files into an image.
struct MergeCommand: MessagingCommand {
  /// What is read and written.
  struct Files: ParsableArguments {
    @Option(name: [.short, .long], help: "The image to write.", completion: .file())
    var output: String

    @Option(help: "The manifest; by default voxtile.json in the folder.", completion: .file())
    var manifest: String?

    @Option(
      help: ArgumentHelp(
        "With --report: the image that was cut; by default the one of its name next to the folder.",
        valueName: "image"),
      completion: .file())
    var against: String?
  }

  /// How patches become one image.
  struct Merging: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "How values of overlapping patches become one; by default vote for labels, else average.",
        discussion: """
          Integers count as labels unless neighboring voxels mostly differ. Never average labels: the average of two \
          labels is a third label.
          """))
    var blend: Blend?

    @Option(
      parsing: .unconditional, help: ArgumentHelp("The value of voxels in no patch.", valueName: "value"))
    var fill: Double = 0

    @Option(help: ArgumentHelp("The scalar type to write; by default the patches' own.", valueName: "type"))
    var type: ScalarType?

    func validate() throws {
      guard fill.isFinite else { throw ValidationError("--fill \(fill) is not a finite number") }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge a folder of patch files into an image.",
    discussion: """
      The patches may be the outputs of another tool under the same names, also with another scalar type, more \
      channels or another format. The merged file has the header of the original.
      """)

  @Argument(help: "The folder with the patch files.", completion: .directory)
  var folder: String

  @OptionGroup(.inputAndOutput) var files: Files

  @OptionGroup(.merging) var merging: Merging

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    let force = replacing.force
    try page.checkTarget(replacing: force)
    let store = try PatchStore(contentsOf: folder, manifest: files.manifest)
    sayPlan(of: store)
    let watch = Stopwatch("merge")
    let bar = ProgressBar("merge")
    defer { bar.clear() }
    let report = try store.merge(
      to: files.output,
      options: .init(
        blend: merging.blend, fill: merging.fill, scalarType: merging.type,
        write: WriteOptions(
          isReplacing: force, compression: compression.level, jobs: limits.limits.jobs.count),
        limits: limits.limits, progress: bar.progress))
    bar.clear()
    let merged = watch.step
    watch.say()
    sayRemarks(on: report)
    try page.write(after: [merged], replacing: force) {
      let original = files.against ?? store.original(manifest: files.manifest)
      var request = ReportRequest(store: store, image: original).limited(by: limits)
      request.merged = files.output
      request.blend = "\(report.blend)"
      return request
    }
    try Console.result(
      "\(Console.count(store.manifest.grid.count, "patch")) merged into \(files.output) by \(report.blend)")
  }

  /// Prints what a person should know about the result.
  private func sayRemarks(on report: PatchStore.MergeReport) {
    if report.isBlendGuessed {
      Console.note(
        "the patches look like label maps and were merged by vote; --blend average would average them")
    }
    if let first = report.misplacedPatches.first {
      Console.warn(
        "\(Console.count(report.misplacedPatches.count, "patch")) carry the position of another patch, the first being "
          + "patch \(first); were files mixed up?")
    }
    if report.uncoveredVoxels > 0 {
      Console.warn(
        "\(Console.count(report.uncoveredVoxels, "voxel")) in no patch; they have the fill value "
          + Console.rounded(merging.fill))
    }
  }

  /// Prints what is going to be done, with `--verbose`.
  private func sayPlan(of store: PatchStore) {
    guard messages.verbose else { return }
    let (grid, source) = (store.manifest.grid, store.manifest.source)
    Console.detail("reads \(Console.count(grid.count, "patch")) of \(grid.patch) in \(folder)")
    Console.detail("writes \(files.output): \(source.extent) voxels")
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
