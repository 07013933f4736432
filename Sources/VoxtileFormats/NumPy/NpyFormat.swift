import Voxtile

/// Arrays of NumPy: `.npy`, and `.npz` with one array, stored or compressed.
///
/// The last axis is x: `(z, y, x)` is a volume, `(y, x)` a 2D image, and channels come first, `(channels, z, y, x)`. An array of
/// `uint8` with three axes of which the last has 3 or 4 elements is taken for a color picture `(y, x, colors)`, which a note says;
/// a volume that is 3 or 4 voxels wide is written with an axis of one channel, so that it is never taken for one.
///
/// Both orders of axes and of bytes are read, and versions 1 to 3. Truth values are labels 0 and 1, and numbers of 16 bits become
/// `float32`. A `.npy` in C order costs only what is read of it; one in Fortran order is turned once. Complex numbers, records,
/// texts and Python objects are refused. Written are version 1, in C order and the byte order of the machine, and archives as
/// `numpy.savez_compressed` makes them.
///
/// An array has no place in the world and no voxel size.
public enum NpyFormat: ImageFormat {
  /// `numpy`.
  public static let name = "numpy"
  /// `NumPy`.
  public static let title = "NumPy"
  /// The file name endings.
  public static let endings = ["npy", "npz"]
  /// An array says nothing about the world.
  public static let keepsPlace = false

  /// Whether the file is not an archive.
  public static func isRandomAccess(ending: String) -> Bool { ending == "npy" }

  /// As `float16`.
  public static let holdsHalf = true

  /// Whether the array was taken for a picture.
  public static func channelsAreColor(_ info: VolumeInfo) -> Bool {
    info.isPlanar && info.scalarType == .uint8 && [3, 4].contains(info.channels)
  }

  /// Voxels without a place.
  public static func metadata(affine: Affine, header: [UInt8]) -> VolumeMetadata {
    VolumeMetadata(
      affine: affine, header: .init(format: name, bytes: header), place: .unknown,
      spatialRank: header.first.map { $0 == 2 ? 2 : 3 })
  }

  /// Voxels without a place; the header that is kept says only whether they are a 2D image or a volume.
  static func metadata(rank: Int) -> VolumeMetadata {
    metadata(affine: Affine(spacing: PerAxis(1)), header: [UInt8(rank)])
  }

  /// An image without voxels, or one whose values become real ones by a scaling.
  public static func refusal(of info: VolumeInfo) -> VoxtileError? {
    refusalOfNoVoxels(info) ?? refusalOfScaling(info)
  }

  /// Whether a file begins with the mark of NumPy, compressed with gzip or not, or is a ZIP archive that begins with an array.
  public static func recognizes(_ probe: FormatProbe) -> Bool {
    if isArchive(probe) {
      return probe.prefix.dropFirst(30).prefix(nameByteCount(probe)).suffix(4).elementsEqual(".npy".utf8)
    }
    var prefix = probe.prefix
    if GzipReader.recognizes(prefix) { prefix = GzipReader.inflated(prefix, limit: NpyHeader.magic.count) }
    return prefix.starts(with: NpyHeader.magic)
  }

  private static func isArchive(_ probe: FormatProbe) -> Bool {
    probe.prefix.starts(with: [0x50, 0x4B, 3, 4])
  }

  /// The length of the name of the first file in an archive.
  private static func nameByteCount(_ probe: FormatProbe) -> Int {
    probe.prefix.count < 30 ? 0 : Int(probe.prefix[26]) | Int(probe.prefix[27]) << 8
  }

  /// Opens an image; only headers are read.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where the file is damaged, `VoxtileError.Code.unsupportedFormat` for arrays that
  ///   are no image, and for archives of several arrays, which it names.
  public static func open(_ probe: FormatProbe) throws -> any VolumeReader {
    let file = try probe.file ?? InputFile(probe.path)
    if isArchive(probe) { return try NpzArrays.reader(of: file) }
    return try NpyArray(RawSource(file)).reader()
  }

  /// Starts an image.
  ///
  /// - Throws: the error of ``refusal(of:)``, `VoxtileError.Code.targetExists`, `VoxtileError.Code.fileAccess`.
  public static func create(
    _ path: String, info: VolumeInfo, options: WriteOptions
  ) throws -> any VolumeWriter {
    if let refusal = refusal(of: info) { throw refusal }
    let file = try AtomicFile(
      path, replacing: options.isReplacing, summed: options.isSummed, durable: options.isDurable)
    return try NpyWriter(info, to: file, isArchive: path.lowercased().hasSuffix(".npz"), options: options)
  }
}
