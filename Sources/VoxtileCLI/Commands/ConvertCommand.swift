import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// `voxtile convert`: an image into another file.
struct ConvertCommand: ImageToImageCommand, MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write an image in another format, of another type, turned, or of one channel.",
    discussion: """
      The ending of the output chooses the format. Every value and the position stay as they are, unless an option or the \
      format says otherwise, which is then printed.

        voxtile convert scan.mha scan.nii.gz
        voxtile convert photo.png gray.png --gray
        voxtile convert scan.nii.gz slices.nii --normalize maximum --scale 255 --type uint8 --orientation RAS
        voxtile convert --cases list.csv converted --format nii.gz
      """)

  /// Which part of the image, and how it is turned.
  struct Selection: ParsableArguments {
    @Option(help: ArgumentHelp("The only channel to write, from 1: a time point or a color.", valueName: "n"))
    var channel: Int?

    @Flag(
      name: [.customLong("gray"), .customLong("grey")],
      help: "Write colors as gray: 0.299 red + 0.587 green + 0.114 blue.")
    var gray = false

    @Option(
      help: ArgumentHelp(
        "Turn the axes, by permuting and reversing them, so that they point this way.", valueName: "RAS|LPS"))
    var orientation: OrientationArgument?

    func validate() throws {
      if let channel, channel < 1 {
        throw ValidationError("--channel \(channel): channels are counted from 1")
      }
      if channel != nil, gray { throw ValidationError("--gray needs all colors; leave out --channel") }
    }
  }

  @OptionGroup var images: ImageArguments

  @OptionGroup(.inputAndOutput) var cases: CaseOptions

  @OptionGroup(.inputAndOutput) var format: ManyFormatOptions

  @OptionGroup(.result) var selection: Selection

  @OptionGroup(.result) var cleaning: CleaningOptions

  @OptionGroup(.result) var values: ValueOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.result) var chunks: ChunkOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.running) var running: CaseRunOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.running) var planning: ManyDryRunOptions

  @OptionGroup(.running) var printing: JSONOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func validate() throws { try checkImages() }

  func run() async throws { try await runOneOrMany() }

  func make(_ progress: JobProgress) throws -> MadeImage {
    try Target.check(
      output, replacing: replacing.force, reading: ImageFormats.registry.files(of: input))
    let reader = try Input.open(input)
    let watch = Stopwatch("convert")
    var conversion = ImageConversion()
    conversion.channel = selection.channel.map { $0 - 1 }
    conversion.isGray = selection.gray
    conversion.axes = try axes(of: reader.info)
    conversion.write = WriteOptions(
      isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count)
    try chunks.apply(to: &conversion.write, over: ImageSize(reader.info), writing: [output])
    conversion.limits = limits.limits
    conversion.progress = progress
    do {
      conversion.cleaning = try cleaning.cleaning(of: reader.info)
      conversion.values = try values.map(of: conversion.selected(from: reader))
      let report = try conversion.convert(reader, to: output)
      let step = watch.step
      watch.say()
      let (warnings, notes) = sayWhatIsLost(
        of: reader.info, selected: report.info,
        more: (report.findings.remarks(as: report.info.scalarType), []),
        wroteRealValues: report.wroteRealValues)
      return MadeImage(
        info: report.info, words: "\(ImageSize(report.info)), \(report.info.scalarType.rawValue)",
        warnings: warnings,
        record: ConversionRecord(
          report.info, output: output, seconds: step.seconds, remarks: warnings + notes))
    } catch let error as VoxtileError {
      throw error.inFile(input)
    }
  }

  /// How the axes are turned to point as asked.
  private func axes(of info: VolumeInfo) throws -> FileAxes {
    guard let target = selection.orientation?.orientation else { return .asInImage }
    guard info.metadata.place == .world, let own = Orientation(info.metadata.affine.orientation) else {
      throw VoxtileError(
        .invalidOption, "does not say where its axes point, so it cannot be turned",
        remedy: .leaveOrientation, context: .init(file: input))
    }
    let turning = own.turning(to: target).map { FileAxes.Direction($1.axis, isReversed: $1.isFlipped) }
    return FileAxes(turning) ?? .asInImage
  }
}
