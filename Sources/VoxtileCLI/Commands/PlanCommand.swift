import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile plan`: what a grid costs and loses, before any voxel is read.
struct PlanCommand: AsyncParsableCommand, MessagingCommand, ReadingCommand {
  /// The grid, whose patch size `--fit` can propose.
  struct Grid: ParsableArguments {
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "The size of a patch in voxels, x first; at least 1 along each axis. With --fit, the size that you would like.",
        discussion: "One number means all axes: 96 is 96x96x96 in a volume and 96x96 in an image.",
        valueName: "96|96x96x64"))
    var patch: PatchArgument?

    @OptionGroup var layout: LayoutOptions
  }

  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show how an image would be cut, what that costs and what is lost.",
    discussion:
      """
      Only the header of the image is read, and nothing is written, unless --report asks for a page. With --fit, patch \
      sizes and overlaps are proposed:

        voxtile plan brain.nii.gz --patch 96 --overlap 32
        voxtile plan 512x512x300 --patch 96
        voxtile plan scans/ --patch 96
        voxtile plan scans/ --fit --memory 2GiB --multiple-of 16
        voxtile plan 512x512x300 --fit --memory 2GiB
        voxtile plan brain.nii.gz --fit --model net.onnx --memory 4GiB
        voxtile plan brain.nii.gz --fit --patch 96 --keep patch --edge discard
      """)

  @Argument(
    help: ArgumentHelp(
      "The image or volume, or a size such as 512x512x300; or many: a folder of images, or a pattern in quotes; with --fit also "
        + "several files.", valueName: "input"),
    completion: .file())
  var input: [String] = []

  @OptionGroup(.inputAndOutput) var tables: CaseTableOptions

  @OptionGroup(.inputAndOutput) var folders: SearchOptions

  @OptionGroup(.patches) var grid: Grid

  @OptionGroup(.proposals) var fit: FitOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.page) var page: PageOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.inputAndOutput) var reading: ReadingOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func validate() throws {
    if fit.fit, page.report != nil {
      throw ValidationError("--report shows one grid; leave out --fit")
    }
    if input.isEmpty, tables.table == nil {
      throw ValidationError(
        "there is no input; name a file, a size, a folder of files, or a table with --cases")
    }
    if fit.fit { return }
    guard input.count <= 1 else {
      throw ValidationError("there are \(input.count) inputs; several are for --fit")
    }
    guard grid.patch != nil else {
      throw ValidationError("Missing expected argument '--patch <96|96x96x64>'; or use --fit for proposals")
    }
  }

  func run() async throws {
    if fit.fit { return try await runFit() }
    guard let patch = grid.patch else { return }
    if let list = try tables.list(input) ?? input.first.flatMap({ try folders.list($0) }) {
      guard page.report == nil else { throw ValidationError("--report shows one image, not \(list.count)") }
      return try planMany(list, patch: patch)
    }
    guard let input = input.first else { return }
    let image = try PlannedImage(input)
    let info = image.info
    guard image.isFile || page.report == nil else {
      throw ValidationError("--report shows an image, but \(input) is a size; name a file")
    }
    if image.isFile { Console.detail("read the header of \(input.printable)") }
    let grid = try self.grid.layout.grid(of: patch, over: info)
    var summary = try GridSummary(of: grid, over: info, input: input)
    try summary.planCrop(
      of: grid, over: info, isRandomAccess: image.isRandomAccess, bufferBytes: image.bufferBytes,
      limits: limits.limits)
    // As crop does without --format, patches get the format of the image where it is one of patches.
    let (registry, format) = (ImageFormats.registry, ImageFormats.registry.format(forName: input))
    let isOfPatches = registry.ending(of: input).map { format?.patchEnding(for: $0) != nil } ?? true
    try summary.planMerge(
      of: grid, over: info, isRandomAccess: image.isRandomAccess && isOfPatches,
      writesRows: format?.writesRows == true,
      bufferBytes: format?.writerByteCount(of: info, options: WriteOptions(jobs: limits.limits.jobs.count))
        ?? 0,
      limits: limits.limits)
    try page.write(replacing: replacing.force) {
      ReportRequest(image: input, grid: grid).limited(by: limits)
    }
    if printing.json {
      try Console.printJSON(summary)
    } else {
      let pictures = summary.shownAxes.flatMap {
        AxisPicture(grid.axes[$0], axis: $0, terminal: .output).lines
      }
      try Console.result(summary.lines.joined(separator: "\n"))
      try Console.result(styled: pictures.joined(separator: "\n"))
    }
    if let assumption = image.assumption { Console.note(assumption) }
    summary.warnings.forEach(Console.warn)
  }
}
