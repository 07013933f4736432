import Voxtile
import VoxtileFormats

/// Writes the patches of one scan: each as an image of every channel and a label map.
struct SamplePatchFiles: Sendable {
  /// The names of one patch's files below the folder of the set, with the checksums of what was written.
  struct Files: Hashable, Sendable {
    var images: [String]
    var labels: String
    var imageChecksums: [Checksum]
    var labelChecksum: Checksum
  }

  private let images: [any VolumeReader]
  private let labels: any VolumeReader
  private let fileName: String
  private let count: Int
  private let folder: String
  private let options: SampleOptions

  /// The format of all patch files.
  static let fileExtension = "nii.gz"

  /// Opens a scan. Compressed files are inflated into scratch files, of which any patch costs only its own bytes.
  init(_ scan: SampledScan, count: Int, into folder: String, options: SampleOptions) throws {
    let files = try OpenScan(scan, labelMap: options.labelMap, labelPadding: options.labelPadding)
    func flat(_ reader: any VolumeReader) throws -> any VolumeReader {
      reader.isRandomAccess ? reader : try ScratchVolume(copying: reader)
    }
    images = try files.images.map(flat).flatMap { try Self.written($0, layout: options.layout) }
    labels = try flat(files.labels)
    fileName = scan.fileName
    (self.count, self.folder, self.options) = (count, folder, options)
  }

  /// The images that are written of one of a scan's: nnU-Net takes a file for each channel.
  static func written(_ image: any VolumeReader, layout: SampleLayout) throws -> [any VolumeReader] {
    guard layout == .nnunet, image.info.channels > 1 else { return [image] }
    return try (0..<image.info.channels).map { try ChannelReader(image, channel: $0) }
  }

  /// The most bytes that cutting one patch takes: whole rows, and the patch.
  var patchBytes: Int {
    (images + [labels]).map { reader in
      let patch = reader.info.byteCount(of: Region(options.patch))
      let widths = min(Self.mostWidths, reader.info.extent.width / options.patch.width + 1)
      return MemoryCost.product(patch, widths + 1)
    }.max() ?? 0
  }

  /// The names of a patch's files, with an image for each channel that is written.
  static func names(
    _ fileName: String, number: Int, of count: Int, images: Int, layout: SampleLayout
  ) -> (images: [String], labels: String) {
    let name = "\(fileName)_\(padded(number, to: max(4, String(count - 1).count)))"
    return (
      (0..<images).map { "\(layout.imageFolder)/\(name)_\(padded($0, to: 4)).\(fileExtension)" },
      "\(layout.labelFolder)/\(name).\(fileExtension)"
    )
  }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Cuts and writes one patch.
  func write(_ patch: SampledPatch, number: Int) throws -> Files {
    let names = Self.names(
      fileName, number: number, of: count, images: images.count, layout: options.layout)
    let checksums = try zip(images, names.images).map { image, name in
      try write(image, patch.region, padding: options.padding, to: name)
    }
    let labelChecksum = try write(
      labels, patch.region, padding: .constant(Double(options.labelPadding)), to: names.labels)
    return Files(
      images: names.images, labels: names.labels, imageChecksums: checksums, labelChecksum: labelChecksum)
  }

  private func write(
    _ reader: any VolumeReader, _ region: Region, padding: Padding, to name: String
  ) throws -> Checksum {
    func write(_ volume: some AnyVolume) throws -> Checksum {
      var info = reader.info
      info.extent = volume.extent
      info.metadata = volume.metadata
      return try writePatchFile(
        volume.typed, as: info, to: "\(folder)/\(name)", isPart: true,
        options: WriteOptions(compression: options.compression))
    }
    return try write(Self.cut(reader, region, padding: padding))
  }

  /// Reads a box, which may reach outside the image.
  ///
  /// Whole rows lie in a file in a few long pieces, a box of them in a piece for each row; so rows are read whole unless they are
  /// much longer.
  static func cut(_ reader: any VolumeReader, _ region: Region, padding: Padding) throws -> any AnyVolume {
    let image = reader.info.extent
    var box = region.intersection(Region(image))
    if image.width <= mostWidths * region.extent.width {
      box = Region(x: 0..<image.width, y: box.y, z: box.z)
    }
    var padding = padding
    if case .constant(let value) = padding, let scaling = reader.info.scaling {
      padding = .constant((value - scaling.intercept) / scaling.slope)
    }
    func cut(_ volume: some AnyVolume) -> any AnyVolume {
      volume.typed[Region(origin: region.origin - box.origin, extent: region.extent), padding: padding]
    }
    let volume = try reader.readAny(box)
    return box == region ? volume : cut(volume)
  }

  /// How many times as long as a patch rows may be to be read whole.
  private static let mostWidths = 8
}
