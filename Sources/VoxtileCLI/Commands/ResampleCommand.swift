import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

/// `voxtile resample`: an image with voxels of another size.
struct ResampleCommand: MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "resample",
    abstract: "Write an image with voxels of another size, as the system of a network does it.",
    discussion: """
      Systems differ in how many voxels they make and where these lie, so a network gets its image resampled by the \
      convention of its training. The result says truly where its voxels lie. It is made in a stream, within --memory.

        voxtile resample ct.nii.gz small.nii.gz --spacing 1.5
        voxtile resample ct.nii.gz small.nii.gz --spacing 2 --convention monai
        voxtile resample small-labels.nii.gz labels.nii.gz --like ct.nii.gz
      """)

  @Argument(help: "The image or volume.", completion: .file())
  var input: String

  @Argument(help: "The file to write.", completion: .file())
  var output: String

  @OptionGroup(.result) var options: ResamplingOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.result) var chunks: ChunkOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    let read = [input] + (options.like.map { [$0] } ?? [])
    try Target.check(
      output, replacing: replacing.force, reading: read.flatMap { ImageFormats.registry.files(of: $0) })
    let reader = try Input.open(input)
    let watch = Stopwatch("resample")
    let bar = ProgressBar("resample")
    defer { bar.clear() }
    var resampling = ImageResampling(to: try options.target(of: reader.info))
    resampling.convention = options.convention
    resampling.interpolation = options.interpolation
    resampling.isOfLabels = options.asLabels
    resampling.scalarType = options.type
    resampling.notFinite = options.replaceNan.map { .replace(with: $0) } ?? .error
    resampling.fill = options.fill
    resampling.write = WriteOptions(
      isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count)
    try chunks.apply(to: &resampling.write, over: ImageSize(reader.info), writing: [output])
    resampling.limits = limits.limits
    resampling.progress = bar.progress
    do {
      let report = try resampling.resample(reader, to: output)
      bar.clear()
      watch.say()
      say(report)
      sayWhatIsLost(report, of: reader.info)
      Console.done("\(output.printable): \(description(of: report.info))", files: [output])
    } catch let error as VoxtileError {
      throw error.inFile(input)
    }
  }

  /// The size, the voxels and the type of the result.
  private func description(of info: VolumeInfo) -> String {
    let sizes = info.metadata.spacing.all.prefix(info.isPlanar ? 2 : 3).map { $0.rounded(toDecimals: 5) }
    let place = info.metadata.place == .unknown ? "" : " of \(sizes.joined(separator: " x ")) mm"
    return "\(ImageSize(info))\(place), \(info.scalarType.rawValue)"
  }

  /// Prints what the result does not hold of the image, which is asked of the file itself.
  private func sayWhatIsLost(_ report: ImageResampling.Report, of info: VolumeInfo) {
    guard let written = try? ImageFormats.open(output).info else { return }
    let losses = ConversionLosses(of: info, selected: report.info, in: written, at: output)
    losses.warnings.forEach(Console.warn)
    losses.notes.forEach(Console.note)
  }

  /// Prints what was decided and what was lost.
  private func say(_ report: ImageResampling.Report) {
    if report.isGuessed {
      Console.note(
        "\(input.printable) looks like a label map, so no new values are made; use --no-as-labels for an image"
      )
    }
    let axes = report.resampling.axes.all
    let how =
      axes.map(\.interpolation).contains(.cubic)
      ? "cubic" : axes.map(\.interpolation).contains(.linear) ? "linear" : "nearest"
    Console.detail("resampled as \(report.resampling.convention.rawValue) does it, \(how)")
    if let axis = report.resampling.separateAxis {
      Console.note(
        "along \(axis), where voxels are more than 3 times as large, each slice is made from the nearest one, as nnU-Net does it"
      )
    }
    if report.replacedCount > 0 {
      Console.warn(
        "\(Console.count(report.replacedCount, "value")) that \(report.replacedCount == 1 ? "was" : "were") NaN or infinite "
          + "became \(options.replaceNan ?? 0)")
    }
    for remark in report.findings.remarks(as: report.info.scalarType) { Console.warn(remark) }
  }
}
