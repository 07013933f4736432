import Voxtile

/// A JPEG open for reading.
///
/// It can only be unpacked as a whole: for the first box that is not the whole image, that is done once into a scratch file.
final class JPEGReader: FileBackedReader {
  let info: VolumeInfo
  private let file: InputFile
  private let header: JPEGHeader
  private let library: TurboJPEG
  private let unpacked: UnpackedImage

  /// Larger files would take more memory than a picture is worth.
  private static let byteCountLimit = 1 << 31
  /// Encoders write up to 20; each one costs as much as the whole picture.
  private static let scanLimit = 100

  /// Reads the markers of a file.
  init(_ file: InputFile) throws(VoxtileError) {
    library = try TurboJPEG.library()
    guard file.byteCount <= Self.byteCountLimit else {
      throw .jpeg("has \(file.byteCount) bytes, more than the \(Self.byteCountLimit) that are read")
    }
    let header = try JPEGHeader(file)
    (self.file, self.header) = (file, header)
    let extent = Extent(width: header.width, height: header.height)
    info = VolumeInfo(
      extent: extent, channels: header.channels, scalarType: .uint8,
      metadata: JPEGFormat.metadata(affine: Affine(spacing: PerAxis(1)), header: []),
      details: [
        ("coding", header.isProgressive ? "progressive" : "sequential"),
        ("color", header.channels == 1 ? "gray" : "RGB"), ("EXIF orientation", "\(header.orientation)"),
      ],
      notes: Self.notes(header))
    unpacked = UnpackedImage(info)
  }

  private static func notes(_ header: JPEGHeader) -> [String] {
    guard header.orientation != 1 else { return [] }
    return [
      "says that viewers should turn or mirror it (EXIF orientation \(header.orientation)); pixels are read as they are stored"
    ]
  }

  /// No: the first box costs the whole file.
  var isRandomAccess: Bool { false }

  func checkUnchanged() throws(VoxtileError) { try file.checkUnchanged() }

  /// None: the unpacked picture is not in memory.
  func releaseBuffers() {}

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    precondition(region.isInside(info.extent), "\(region) does not lie in \(info.extent)")
    precondition(
      destination.count == info.byteCount(of: region),
      "\(region) has \(info.byteCount(of: region)) bytes, not \(destination.count)")
    if region.extent == info.extent {
      return try unpack { (channel, row, pixels) throws(VoxtileError) in
        let first = (channel * header.height + row) * header.width
        UnsafeMutableRawBufferPointer(rebasing: destination[first..<first + pixels.count]).copyMemory(
          from: pixels)
      }
    }
    try unpacked.read(region, into: destination) { (scratch) throws(VoxtileError) in
      try unpack { (channel, row, pixels) throws(VoxtileError) in
        try scratch.write(pixels, at: (channel * header.height + row) * header.width)
      }
    }
  }

  /// Unpacks the image and gives it row by row, channel by channel.
  private func unpack(
    _ body: (_ channel: Int, _ row: Int, UnsafeRawBufferPointer) throws(VoxtileError) -> Void
  ) throws(VoxtileError) {
    do throws(VoxtileError) {
      let data = try file.bytes(count: file.byteCount)
      try checkScans(data)
      let (width, channels) = (header.width, header.channels)
      let pixels = UnsafeMutableRawBufferPointer.allocate(
        byteCount: header.pixelCount * channels, alignment: 16)
      let line = UnsafeMutableRawBufferPointer.allocate(byteCount: width, alignment: 16)
      defer {
        pixels.deallocate()
        line.deallocate()
      }
      try library.decode(data, header, into: pixels)
      for channel in 0..<channels {
        for row in 0..<header.height {
          let first = row * width * channels + channel
          for x in 0..<width { line[x] = pixels[first + x * channels] }
          try body(channel, row, UnsafeRawBufferPointer(line))
        }
      }
    } catch {
      throw error.inFile(file.path)
    }
  }

  /// Makes sure that a small file does not ask for the work of thousands of pictures.
  private func checkScans(_ data: [UInt8]) throws(VoxtileError) {
    guard header.isProgressive else { return }
    var count = 0
    for index in data.indices.dropLast() where data[index] == 0xFF && data[index + 1] == 0xDA {
      count += 1
    }
    guard count <= Self.scanLimit else {
      throw .jpeg("refines its pixels in \(count) scans, more than the \(Self.scanLimit) that are read")
    }
  }
}
