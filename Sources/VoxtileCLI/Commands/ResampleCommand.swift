import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

/// `voxtile resample`: an image with voxels of another size.
struct ResampleCommand: ImageToImageCommand, MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "resample",
    abstract: "Write an image with voxels of another size, as the system of a network does it.",
    discussion: """
      Systems differ in how many voxels they make and where these lie, so a network gets its image resampled by the \
      convention of its training. The result says truly where its voxels lie. It is made in a stream, within --memory.

        voxtile resample ct.nii.gz small.nii.gz --spacing 1.5
        voxtile resample ct.nii.gz small.nii.gz --spacing 2 --convention monai
        voxtile resample small-labels.nii.gz labels.nii.gz --like ct.nii.gz
        voxtile resample --cases list.csv resampled --spacing 1.5
      """)

  @OptionGroup var images: ImageArguments

  @OptionGroup(.inputAndOutput) var cases: CaseOptions

  @OptionGroup(.inputAndOutput) var format: ManyFormatOptions

  @OptionGroup(.result) var options: ResamplingOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.result) var chunks: ChunkOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.running) var running: CaseRunOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: ManyDryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.messages) var messages: MessageOptions

  /// The image whose voxels are taken is read for each of many images.
  var filesForAll: [String: String] { options.like.map { ["--like": $0] } ?? [:] }

  func validate() throws { try checkImages() }

  func run() async throws {
    // One that cannot be read is an error of the command, not of each image.
    if let like = options.like { _ = try Input.info(like) }
    try await runOneOrMany()
  }

  func make(_ progress: JobProgress) throws -> MadeImage {
    let read = [input] + filesForAll.values
    try Target.check(
      output, replacing: replacing.force, reading: read.flatMap { ImageFormats.registry.files(of: $0) })
    let reader = try Input.open(input)
    let watch = Stopwatch("resample")
    do {
      let report = try resampling(of: reader.info, progress).resample(reader, to: output)
      let step = watch.step
      watch.say()
      let (warnings, notes) = sayWhatIsLost(
        of: reader.info, selected: report.info, more: remarks(on: report))
      return MadeImage(
        info: report.info, words: description(of: report.info), warnings: warnings,
        record: ConversionRecord(
          report.info, output: output, seconds: step.seconds, remarks: warnings + notes))
    } catch let error as VoxtileError {
      throw error.inFile(input)
    }
  }

  /// How an image is resampled.
  private func resampling(of info: VolumeInfo, _ progress: JobProgress) throws -> ImageResampling {
    var resampling = ImageResampling(to: try options.target(of: info))
    resampling.convention = options.convention
    resampling.interpolation = options.interpolation
    resampling.isOfLabels = options.asLabels
    resampling.scalarType = options.type
    resampling.notFinite = options.replaceNan.map { .replace(with: $0) } ?? .error
    resampling.fill = options.fill
    resampling.write = WriteOptions(
      isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count)
    try chunks.apply(to: &resampling.write, over: ImageSize(info), writing: [output])
    resampling.limits = limits.limits
    resampling.progress = progress
    return resampling
  }

  /// The size, the voxels and the type of the result.
  private func description(of info: VolumeInfo) -> String {
    let sizes = info.metadata.spacing.all.prefix(info.isPlanar ? 2 : 3).map { $0.rounded(toDecimals: 5) }
    let place = info.metadata.place == .unknown ? "" : " of \(sizes.joined(separator: " x ")) mm"
    return "\(ImageSize(info))\(place), \(info.scalarType.rawValue)"
  }

  /// What was decided, and what makes the result doubtful.
  private func remarks(on report: ImageResampling.Report) -> (warnings: [String], notes: [String]) {
    var warnings: [String] = []
    var notes: [String] = []
    if report.isGuessed {
      let words = "looks like a label map, so no new values are made; use --no-as-labels for an image"
      // Among many images, one that is taken for labels may well be a mistake.
      if Console.subject == nil {
        notes.append("\(input.printable) \(words)")
      } else {
        warnings.append(words)
      }
    }
    let axes = report.resampling.axes.all
    let how =
      axes.map(\.interpolation).contains(.cubic)
      ? "cubic" : axes.map(\.interpolation).contains(.linear) ? "linear" : "nearest"
    Console.detail("resampled as \(report.resampling.convention.rawValue) does it, \(how)")
    if let axis = report.resampling.separateAxis {
      notes.append(
        "along \(axis), where voxels are more than 3 times as large, each slice is made from the nearest one, as nnU-Net does it"
      )
    }
    if report.replacedCount > 0 {
      warnings.append(
        "\(Console.count(report.replacedCount, "value")) that \(report.replacedCount == 1 ? "was" : "were") NaN or infinite "
          + "became \(options.replaceNan ?? 0)")
    }
    return (warnings + report.findings.remarks(as: report.info.scalarType), notes)
  }
}
