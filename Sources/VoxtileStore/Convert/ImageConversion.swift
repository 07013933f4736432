import Voxtile
import VoxtileFormats

/// Writes an image as another file: in another format, of another type, turned, or of one channel.
///
///     var conversion = ImageConversion()
///     conversion.values = ValueMap(scalarType: .uint8, steps: [[.scale(slope: 255, intercept: 0)]])
///     let report = try conversion.convert("scan.nii.gz", to: "scan.mha")
///
/// The steps are done in the order of the properties. Without any of them every value stays as it is.
public struct ImageConversion: Sendable {
  /// The number of the only channel that is kept, from 0; `nil` for all.
  public var channel: Int?
  /// Whether colors become gray: `0.299 red + 0.587 green + 0.114 blue`.
  public var isGray = false
  /// What a label map is freed of; `nil` where it stays as it is. The map is then held in memory, as runs of equal labels.
  public var cleaning: LabelCleaning?
  /// How the axes of the result run along those of the image.
  public var axes = FileAxes.asInImage
  /// What is done to the real values; `nil` where they stay as they are.
  public var values: ValueMap?
  /// How the file is written.
  public var write = WriteOptions()
  /// How much of the machine is used.
  public var limits = JobLimits()
  /// Who follows the job.
  public var progress = JobProgress.none

  /// Creates a conversion that changes nothing but the format.
  public init() {}

  /// What a conversion did.
  public struct Report: Sendable {
    /// What the file holds.
    public let info: VolumeInfo
    /// What could not be stored as it was.
    public let findings: ValueFindings
    /// Whether real values were written, because the format cannot say how stored ones become real.
    public let wroteRealValues: Bool
  }

  /// Converts an image file.
  ///
  /// - Parameters:
  ///   - input: the path of an image in any of `ImageFormats`.
  ///   - output: where the result goes; the ending chooses the format.
  /// - Throws: `VoxtileError`: an image that cannot be read, one that the format of the output cannot hold
  ///   (`VoxtileError.Code.unsupportedFormat`, `VoxtileError.Code.typeMismatch`), steps that do not fit the image
  ///   (`VoxtileError.Code.invalidOption`), an existing target (`VoxtileError.Code.targetExists`), too little memory
  ///   (`VoxtileError.Code.memoryTooLow`); and what the progress throws. No incomplete file is left.
  /// - Complexity: O(values); memory for a few slices, and for the whole image where it is turned and fits.
  public func convert(_ input: String, to output: String) throws -> Report {
    do {
      return try convert(ImageFormats.open(input), to: output)
    } catch let error as VoxtileError {
      throw error.inFile(input)
    }
  }

  /// Converts an image that is open already.
  ///
  /// - Throws: as ``convert(_:to:)``.
  public func convert(_ reader: any VolumeReader, to output: String) throws -> Report {
    let format = try ImageFormats.registry.formatForWriting(output)
    let findings = ValueFindings()
    var (source, realMap) = (try selected(from: reader), values)
    if let cleaning {
      source = try CleanedReader(source, cleaning) { try progress(0, of: 1) }
    }
    if realMap == nil {
      realMap = ValueMap(
        realValuesOf: source.info, in: format, ending: ImageFormats.registry.ending(of: output))
    }
    let memory = ConversionMemory(
      reader.info, realMap,
      bufferBytes: MemoryCost.sum(
        reader.bufferByteCount,
        format.writerByteCount(of: realMap?.info(of: source.info) ?? source.info, options: write)),
      limits: limits.onThisMachine)
    source = try turned(source, memory: memory)
    if let realMap { source = try ValueReader(source, map: realMap, findings: findings) }
    let boxes = try memory.boxes(of: source.info, inRows: format.writesRows)
    let writer = try ImageFormats.create(output, info: source.info, options: write)
    try copy(source, to: writer, in: boxes)
    try reader.checkFileUnchanged()
    try checkLabels(source.info, findings)
    try writer.finish()
    return Report(
      info: source.info, findings: findings, wroteRealValues: values == nil && realMap != nil)
  }

  /// The image with the channels that are asked for, before its values are changed.
  package func selected(from reader: any VolumeReader) throws(VoxtileError) -> any VolumeReader {
    var source = reader
    if let channel { source = try ChannelReader(source, channel: channel) }
    if isGray { source = try GrayReader(source) }
    return source
  }

  /// The image with its axes turned. Its voxels are needed in another order than the file has them, so they are held in memory,
  /// or in a scratch file, where a box of the file costs more than its own bytes.
  private func turned(
    _ source: any VolumeReader, memory: ConversionMemory
  ) throws -> any VolumeReader {
    guard axes != .asInImage else { return source }
    var held = source
    if memory.holds(source.info) {
      func wrap(_ volume: some AnyVolume) -> any VolumeReader {
        DescribedReader(
          VolumeInMemory(volume, scaling: source.info.scaling), like: source.info)
      }
      held = wrap(try source.readAny())
    } else if !source.isRandomAccess {
      held = try ScratchVolume(copying: source) { try progress(0, of: 1) }
    }
    let extent = source.info.extent
    return TurnedReader(
      held, axes: axes.inverted, metadata: axes.fileMetadata(of: source.info.metadata, extent: extent))
  }

  /// Writes the image box after box.
  private func copy(_ source: any VolumeReader, to writer: any VolumeWriter, in boxes: [Region]) throws {
    guard let first = boxes.first else { return }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: source.info.byteCount(of: first), alignment: 16)
    defer { buffer.deallocate() }
    for (number, box) in boxes.enumerated() {
      let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<source.info.byteCount(of: box)])
      try source.read(box, into: bytes)
      let isWhole = box.y == 0..<source.info.extent.height
      try isWhole
        ? writer.write(UnsafeRawBufferPointer(bytes), slices: box.z)
        : writer.writeRows(UnsafeRawBufferPointer(bytes), box.y, ofSlice: box.z.lowerBound)
      try progress(number + 1, of: boxes.count)
    }
  }

  /// A label that became another one is wrong; other values may saturate, which the report says.
  private func checkLabels(_ info: VolumeInfo, _ findings: ValueFindings) throws(VoxtileError) {
    guard info.isLabelMap, findings.saturatedValues > 0 else { return }
    throw VoxtileError(
      .typeMismatch,
      "has \(findings.saturatedValues == 1 ? "1 voxel with a label" : "\(findings.saturatedValues) voxels with labels") that "
        + "\(info.scalarType.rawValue) does not hold",
      remedy: .chooseScalarType, context: .init(expected: info.scalarType.rawValue))
  }
}
