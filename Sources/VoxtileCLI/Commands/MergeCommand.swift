import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile merge`: a folder of patch files into an image.
struct MergeCommand: MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge a folder of patch files into an image.",
    discussion: """
      The patches may be another tool's outputs under the same names: of another scalar type, with more \
      channels, or in another format. The merged file has the header of the original.
      """)

  @Argument(help: "The folder with the patch files.", completion: .directory)
  var folder: String

  @Option(name: [.short, .long], help: "The image to write.", completion: .file())
  var output: String

  @Option(help: "The manifest; by default voxtile.json in the folder.", completion: .file())
  var manifest: String?

  @Option(
    help: ArgumentHelp(
      "How several patches become one value; by default vote for labels and average for all else.",
      discussion: """
        One of \(BlendName.list(BlendName.allCases)). \
        Whole numbers are taken for labels unless neighbouring voxels mostly differ. A mean of labels is another \
        label: never average them.
        """))
  var blend: BlendName?

  @Option(help: "The value of voxels that no patch holds.")
  var fill: Double = 0

  @Option(
    help: ArgumentHelp(
      "The scalar type to write; by default the patches' own.",
      discussion: "One of \(ScalarType.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "type")
  )
  var type: ScalarType?

  @Option(help: "How hard \(FormatWords.compressedEndings) are compressed: fast, standard or small.")
  var compression: CompressionName = .standard

  @OptionGroup var limits: LimitOptions

  @OptionGroup var page: PageOptions

  @Option(
    help: ArgumentHelp(
      "The image that was cut, for the page of --report; by default the one of its name beside the folder.",
      valueName: "image"),
    completion: .file())
  var against: String?

  @Flag(help: "Replace an older file, and an older page.")
  var force = false

  @OptionGroup(title: "Messages") var messages: MessageOptions

  func validate() throws {
    guard fill.isFinite else { throw ValidationError("--fill \(fill) is not a finite number") }
  }

  func run() throws {
    try page.checkTarget(replacing: force)
    let store = try PatchStore(contentsOf: folder, manifest: manifest)
    sayPlan(of: store)
    let watch = Stopwatch("merge")
    let bar = ProgressBar("merge")
    defer { bar.clear() }
    let report = try store.merge(
      to: output,
      options: .init(
        blend: blend?.blend, fill: fill, scalarType: type,
        write: WriteOptions(
          isReplacing: force, compression: compression.level, jobs: limits.limits.jobs.count),
        limits: limits.limits, progress: bar.progress))
    bar.clear()
    let merged = watch.step
    watch.say()
    if report.isBlendGuessed {
      Console.note(
        "the patches look like label maps and were merged by vote; --blend average would average them")
    }
    if let first = report.misplacedPatches.first {
      Console.warn(
        "\(Console.count(report.misplacedPatches.count, "patch")) say that they lie where others do, the first "
          + "being patch \(first); were files mixed up?")
    }
    if report.uncoveredVoxels > 0 {
      Console.warn(
        "\(Console.count(report.uncoveredVoxels, "voxel")) in no patch; they have the fill value "
          + Console.rounded(fill))
    }
    try page.write(after: [merged], replacing: force) {
      let original = against ?? store.original(manifest: manifest)
      var request = ReportRequest(store: store, image: original).limited(by: limits)
      request.merged = output
      request.blend = "\(report.blend)"
      return request
    }
    try Console.result(
      "\(Console.count(store.manifest.grid.count, "patch")) merged into \(output) by \(report.blend)")
  }
  /// Says what is going to be done, where that is wanted.
  private func sayPlan(of store: PatchStore) {
    guard messages.verbose else { return }
    let (grid, source) = (store.manifest.grid, store.manifest.source)
    Console.detail("reads \(Console.count(grid.count, "patch")) of \(grid.patch) in \(folder)")
    Console.detail("writes \(output): \(source.extent) voxels")
    let bytes = source.channels * source.scalarType.byteCount
    let plan = try? MemoryPlan.merge(
      grid, patchValueBytes: bytes, outputValueBytes: bytes,
      isRandomAccess: store.isRandomAccess, limits: limits.limits)
    if let plan {
      Console.detail(
        "memory \(plan.text), where the patches are \(source.scalarType.rawValue) still")
    }
  }
}
