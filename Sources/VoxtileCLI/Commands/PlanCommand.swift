import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileReport
import VoxtileStore

/// `voxtile plan`: what a grid costs and loses, before a voxel is read.
struct PlanCommand: AsyncParsableCommand, MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say how an image would be cut, what it costs and what is lost.",
    discussion:
      """
      Only the header of the image is read, and nothing is written, unless --report asks for a page. With --fit, patch \
      and overlap are proposed:

        voxtile plan brain.nii.gz --patch 96 --overlap 32
        voxtile plan scans/ --fit --memory 2GiB --multiple-of 16
        voxtile plan brain.nii.gz --fit --model net.onnx --memory 4GiB
        voxtile plan brain.nii.gz --fit --patch 96 --keep patch --edge discard
      """)

  @Argument(
    help: "The image or volume; with --fit also several of them, or a folder.", completion: .file())
  var input: [String]

  @Option(
    help: ArgumentHelp(
      "The size of a patch in voxels, x first; at least 1 each. With --fit the size that you would like.",
      discussion: "One number means all axes: 96 is 96x96x96 on a volume, 96x96 on an image.",
      valueName: "96|96x96x64"))
  var patch: PatchArgument?

  @OptionGroup var layout: LayoutOptions

  @OptionGroup(title: "Proposals") var fit: FitOptions

  @OptionGroup var limits: LimitOptions

  @OptionGroup var page: PageOptions

  @Flag(help: "Replace an older page.")
  var force = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup(title: "Messages") var messages: MessageOptions

  func validate() throws {
    if fit.fit {
      if page.report != nil { throw ValidationError("--report shows one grid; leave out --fit") }
      return
    }
    guard input.count == 1 else {
      throw ValidationError("there are \(input.count) inputs; several are for --fit")
    }
    guard patch != nil else {
      throw ValidationError("Missing expected argument '--patch <96|96x96x64>'; or use --fit for proposals")
    }
  }

  func run() async throws {
    if fit.fit { return try await runFit() }
    guard let patch, let input = input.first else { return }
    let reader = try ImageFormats.open(input)
    let info = reader.info
    Console.detail("read the header of \(input)")
    let grid = try layout.grid(of: patch, over: info.extent)
    var summary = try GridSummary(of: grid, over: info, input: input)
    // Patches get the format of the image unless another is asked for.
    try summary.planCrop(
      of: grid, over: info, isRandomAccess: reader.isRandomAccess, limits: limits.limits)
    try summary.planMerge(
      of: grid, over: info, isRandomAccess: reader.isRandomAccess, limits: limits.limits)
    try page.write(replacing: force) {
      ReportRequest(image: input, grid: grid).limited(by: limits)
    }
    if json {
      try Console.printJSON(summary)
    } else {
      let pictures = Axis.allCases.filter { $0 != .z || info.extent.depth > 1 }.flatMap {
        AxisPicture(grid.axes[$0], axis: $0, terminal: .output).lines
      }
      try Console.result((summary.lines + pictures).joined(separator: "\n"))
    }
    summary.warnings.forEach(Console.warn)
  }
}
