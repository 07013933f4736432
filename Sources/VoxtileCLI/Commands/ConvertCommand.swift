import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileInference
import VoxtileStore

/// `voxtile convert`: an image into another file.
struct ConvertCommand: MessagingCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write an image in another format, of another type, turned, or of one channel.",
    discussion: """
      The ending of the output chooses the format. Every value and the position stay as they are, unless an option or the \
      format says otherwise, which is then printed.

        voxtile convert scan.mha scan.nii.gz
        voxtile convert photo.png gray.png --gray
        voxtile convert scan.nii.gz slices.nii --normalize maximum --scale 255 --type uint8 --orientation RAS
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

  @Argument(help: "The image or volume.", completion: .file())
  var input: String

  @Argument(help: "The file to write.", completion: .file())
  var output: String

  @OptionGroup(.result) var selection: Selection

  @OptionGroup(.result) var values: ValueOptions

  @OptionGroup(.result) var compression: CompressionOptions

  @OptionGroup(.limits) var limits: LimitOptions

  @OptionGroup(.running) var replacing: ReplaceOptions

  @OptionGroup(.messages) var messages: MessageOptions

  func run() throws {
    try Target.check(
      output, replacing: replacing.force, reading: ImageFormats.registry.files(of: input))
    let reader = try Input.open(input)
    let watch = Stopwatch("convert")
    let bar = ProgressBar("convert")
    defer { bar.clear() }
    var conversion = ImageConversion()
    conversion.channel = selection.channel.map { $0 - 1 }
    conversion.isGray = selection.gray
    conversion.axes = try axes(of: reader.info)
    conversion.write = WriteOptions(
      isReplacing: replacing.force, compression: compression.level, jobs: limits.limits.jobs.count)
    conversion.limits = limits.limits
    conversion.progress = bar.progress
    do {
      conversion.values = try values.map(of: conversion.selected(from: reader))
      let report = try conversion.convert(reader, to: output)
      bar.clear()
      watch.say()
      sayWhatIsLost(report, of: reader.info)
      try Console.result(
        "\(output.printable): \(ImageSize(report.info)), \(report.info.scalarType.rawValue)")
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
        remedy: .keepOrientation, context: .init(file: input))
    }
    let turning = own.turning(to: target).map { FileAxes.Direction($1.axis, isReversed: $1.isFlipped) }
    return FileAxes(turning) ?? .asInImage
  }

  /// Prints what the result does not hold of the image, which is asked of the file itself.
  private func sayWhatIsLost(_ report: ImageConversion.Report, of info: VolumeInfo) {
    for remark in report.findings.remarks(as: report.info.scalarType) { Console.warn(remark) }
    let title = ImageFormats.registry.format(forName: output)?.title ?? ""
    guard let written = try? ImageFormats.open(output).info else { return }
    if report.wroteRealValues {
      Console.note(
        "real values are written, as \(written.scalarType.rawValue), since \(title) cannot say how stored values become real "
          + "ones")
    }
    switch (info.metadata.place, written.metadata.place) {
    case (.world, .spacing):
      Console.warn("\(title) holds the size of a voxel, but not where an image lies, so its position is lost")
    case (.world, .unknown), (.spacing, .unknown):
      Console.warn(
        "\(title) cannot say where an image lies, so the position and the size of a voxel are lost")
    default: break
    }
    if info.palette != nil, written.palette == nil, !selection.gray {
      Console.warn("\(title) cannot hold a palette, so the values are indices whose colors are lost")
    } else if report.info.isLabelMap, !written.isLabelMap {
      Console.note("\(title) cannot say that values are labels")
    }
  }
}
