import Voxtile
import VoxtileFormats

/// Writes an image with voxels of another size.
///
///     var resampling = ImageResampling(to: .spacing(PerAxis(1.5)))
///     resampling.convention = .monai
///     let report = try resampling.resample(ImageFormats.open("scan.nii.gz"), to: "scan-1.5mm.nii.gz")
///
/// The image is never in memory as a whole, unless a slice of it is.
public struct ImageResampling: Sendable {
  /// What the image is resampled to.
  public var target: ResamplingTarget
  /// The system whose rules hold.
  public var convention = ResamplingConvention.nnunet
  /// How values between voxels are made; `nil` for what the system usually does.
  public var interpolation: Interpolation?
  /// Whether values are labels; `nil` where the image decides.
  public var isOfLabels: Bool?
  /// The scalar type of the result; `nil` for that of the image.
  public var scalarType: ScalarType?
  /// What is done with NaN and infinity where values are interpolated.
  public var notFinite = NotFinitePolicy.error
  /// The value, as stored, of voxels outside of the image, which the grid of another image may have.
  public var fill = 0.0
  /// How the file is written.
  public var write = WriteOptions()
  /// How much of the machine is used.
  public var limits = JobLimits()
  /// Who follows the job.
  public var progress = JobProgress.none

  /// Creates a resampling by nnU-Net's rules.
  public init(to target: ResamplingTarget) { self.target = target }

  /// What a resampling did.
  public struct Report: Sendable {
    /// What the file holds.
    public let info: VolumeInfo
    /// How the image was resampled.
    public let resampling: Resampling
    /// Whether its values looked like labels, where nobody said what they are.
    public let isGuessed: Bool
    /// How many values were NaN or infinite and were replaced.
    public let replacedCount: Int
    /// What the scalar type could not hold.
    public let findings: ValueFindings
  }

  /// Resamples an image.
  ///
  /// - Parameters:
  ///   - reader: the image.
  ///   - output: where the result goes; the ending chooses the format.
  /// - Throws: `VoxtileError`: what reading the image throws, a target that it cannot have (`VoxtileError.Code.invalidOption`),
  ///   a format that cannot hold the result, an existing target, too little memory (`VoxtileError.Code.memoryTooLow`), values
  ///   that are NaN or infinite where that is not allowed; and what the progress throws. No incomplete file is left.
  public func resample(_ reader: any VolumeReader, to output: String) throws -> Report {
    // Nobody asks for cubic labels.
    let labels = try isOfLabels ?? (interpolation != .cubic && looksLikeLabels(reader))
    let resampling = try target.resampling(
      of: reader.info, convention, interpolation, isOfLabels: labels, fill: fill)
    let limits = limits.onThisMachine
    let planes = planes(reader, resampling, limits)
    let resampled = try ResampledReader(
      reader, resampling, as: unrounded(reader.info), notFinite: notFinite, planes: planes, jobs: limits.jobs
    ) { try progress(0, of: 1) }
    var conversion = ImageConversion()
    conversion.values = scalarType.map { ValueMap(scalarType: $0) }
    conversion.write = write
    conversion.limits = limits
    conversion.progress = progress
    let report = try conversion.convert(resampled, to: output)
    return Report(
      info: report.info, resampling: resampling, isGuessed: isOfLabels == nil && labels,
      replacedCount: resampled.replacedCount, findings: report.findings)
  }

  /// The type that values have until they become the one that is asked for, so that they are rounded once.
  private func unrounded(_ info: VolumeInfo) -> ScalarType? {
    guard scalarType != nil else { return nil }
    return info.scalarType.exactFloatType
  }

  /// How many planes are read at a time: fewer where more do not fit.
  private func planes(_ reader: any VolumeReader, _ resampling: Resampling, _ limits: JobLimits) -> Int {
    let room = (limits.memory ?? .max) - MemoryCost.program - limits.jobs.count * MemoryCost.thread
    return [8, 4, 2].first { planes in
      // The writer needs some of the room, too.
      ResampledReader.streamBytes(reader.info, resampling, planes: planes, jobs: limits.jobs)
        + reader.bufferByteCount <= room / 2
    } ?? 1
  }

  /// Whether the image says that its values are labels, or they look like it.
  private func looksLikeLabels(_ reader: any VolumeReader) throws -> Bool {
    let info = reader.info
    if info.isLabelMap || info.palette != nil { return true }
    guard info.channels == 1 else { return false }
    var test = LabelTest()
    func add(_ volume: some AnyVolume) { test.add(volume.typed) }
    let scaling = info.scaling
    for z in 0..<info.extent.depth where !test.isDecided {
      try progress(0, of: 1)
      let slice = Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: z..<z + 1)
      if scaling == nil {
        add(try reader.readAny(slice))
      } else {
        test.add(try reader.readReal(slice, as: Double.self))
      }
    }
    return test.looksLikeLabels
  }
}
