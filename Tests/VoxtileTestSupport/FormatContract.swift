import Voxtile
import VoxtileFormats

/// What every image format promises, whoever wrote it. A format's tests inherit the contract with one line:
///
///     FormatContract(MyFormat.self).check(.roundTrip)    // for each law
///
/// The laws hold for each ending under which the format is written, and for each scalar type, shape and number of
/// channels that it does not refuse. Nothing is known about the format but what it says about itself, so that the
/// contract serves formats of other packages too.
///
/// A format that is only read has files of another program in the place of those that it writes, and keeps the laws that
/// concern reading.
///
/// A law that is broken throws a ``Violation``, whatever test library is in use.
public struct FormatContract: Sendable, CustomStringConvertible {
  /// The laws, each in words.
  public enum Law: String, CaseIterable, Sendable {
    case describesItself = "names and endings are well formed, and a patch has an ending that is written"
    case roundTrip = "what is written is read back to the bit"
    case boxes = "any box equals that box of the whole, in whatever order boxes are read"
    case slabs = "slabs written one by one, on several threads, make the same bytes as all at once"
    case prefixes = "each prefix of a valid file is refused, or still has every voxel"
    case wholeOrAbsent =
      "a target is whole or absent: unfinished writers leave nothing, and old files as they are"
    case place =
      "the place of each voxel is kept within 1e-5 mm where the format keeps it, and so is the label flag"
    case declaredSize =
      "a size far beyond that of the file is refused when it is opened, before memory is asked for; where absent voxels have a value, they have it"
    case content = "an image is recognized by its content, whatever its name"
    case refusals =
      "an image that cannot be held is refused before a file is made, with the error that was announced"
    case access = "what names promise about the cost of boxes is what readers say"

    /// Whether the law says something about a format that is only read.
    var concernsReading: Bool {
      switch self {
      case .describesItself, .boxes, .prefixes, .content, .refusals, .access: true
      case .roundTrip, .slabs, .wholeOrAbsent, .place, .declaredSize: false
      }
    }
  }

  /// A law that is broken.
  public struct Violation: Error, CustomStringConvertible {
    /// What was expected and what was found.
    public let description: String
  }

  /// The format.
  public let format: any ImageFormat.Type
  let registry: FormatRegistry
  /// Files of another program, for a format that is only read.
  let fixtures: [String]

  /// Creates the contract of a format.
  ///
  /// - Parameters:
  ///   - registry: a registry that holds the format.
  ///   - fixtures: for a format that is only read, names of small files of another program (see ``Fixture``), each an image.
  ///   - filePath: the source file from which they are found.
  public init(
    _ format: any ImageFormat.Type, in registry: FormatRegistry = .standard, reading fixtures: [String] = [],
    from filePath: String = #filePath
  ) {
    self.format = format
    self.registry = registry
    self.fixtures = fixtures.map { (try? Fixture.url($0, from: filePath).path) ?? $0 }
  }

  var isOnlyRead: Bool { format.writableEndings.isEmpty }

  /// The format's name.
  public var description: String { format.name }

  /// Checks one law. One that is about writing says nothing about a format that is only read.
  ///
  /// - Throws: ``Violation`` where it is broken.
  public func check(_ law: Law) throws {
    try require(
      isOnlyRead != fixtures.isEmpty,
      "a format that is only read, and no other, needs files of another program")
    if isOnlyRead && !law.concernsReading { return }
    switch law {
    case .describesItself: try checkDescription()
    case .roundTrip: try checkRoundTrip()
    case .boxes: try checkBoxes()
    case .slabs: try checkSlabs()
    case .prefixes: try checkPrefixes()
    case .wholeOrAbsent: try checkWholeOrAbsent()
    case .place: try checkPlace()
    case .declaredSize: try checkDeclaredSize()
    case .content: try checkContent()
    case .refusals: try checkRefusals()
    case .access: try checkAccess()
    }
  }
}

// MARK: - Samples

extension FormatContract {
  /// Images small enough to be written in every variant: flat, deep, a single voxel, with 1 to 5 channels.
  var samples: [ContractImage] {
    let extents = [
      Extent(width: 5, height: 4, depth: 3), Extent(width: 7, height: 3), Extent(width: 1, height: 1),
      Extent(width: 2, height: 1, depth: 6),
    ]
    return ScalarType.allCases.flatMap { type in
      extents.flatMap { extent in
        [1, 2, 3, 4, 5].map { ContractImage(extent, channels: $0, type: type) }
      }
    }
  }

  /// The samples that the format can hold.
  var accepted: [ContractImage] { samples.filter { format.refusal(of: $0.info) == nil } }

  /// One sample of one channel and one of several, of small and of large values, where the format can hold them.
  var few: [ContractImage] {
    let large = accepted.filter { $0.info.extent.voxelCount > 20 }
    let widest = large.map(\.info.scalarType.byteCount).max()
    return [
      large.first { $0.info.channels == 1 },
      large.first { $0.info.channels == 3 && $0.info.scalarType.byteCount == widest },
    ].compactMap(\.self)
  }

  /// Calls with each image in a file of each ending, in a folder of its own.
  func forEachFile(
    of images: [ContractImage], _ body: (_ path: String, ContractImage, _ folder: String) throws -> Void
  ) throws {
    if isOnlyRead { return try forEachFixture(body) }
    try require(!images.isEmpty, "the format holds none of the samples")
    for ending in format.writableEndings {
      for image in images where format.refusal(of: image.info, ending: ending) == nil {
        try withTemporaryFolder { folder in
          let path = "\(folder)/image.\(ending)"
          do {
            try image.write(to: path, registry)
            try body(path, image, folder)
          } catch let error as Violation {
            throw Violation(description: ".\(ending) of \(image): \(error)")
          }
        }
      }
    }
  }

  /// Calls with each image of another program, in a folder of its own.
  private func forEachFixture(
    _ body: (_ path: String, ContractImage, _ folder: String) throws -> Void
  ) throws {
    for fixture in fixtures {
      try withTemporaryFolder { folder in
        let ending = registry.ending(of: fixture) ?? ""
        let path = "\(folder)/image.\(ending)"
        try writeNewFile(try fileBytes(fixture), to: path)
        let reader = try registry.open(path)
        do {
          try body(path, ContractImage(reader.info, bytes: try reader.storedBytes()), folder)
        } catch let error as Violation {
          throw Violation(description: "\(fixture): \(error)")
        }
      }
    }
  }

  func require(_ isKept: Bool, _ what: @autoclosure () -> String) throws {
    if !isKept { throw Violation(description: what()) }
  }

  /// Makes sure that something throws a `VoxtileError`, and gives it.
  @discardableResult
  func requireError(_ what: @autoclosure () -> String, _ body: () throws -> Void) throws -> VoxtileError {
    do {
      try body()
    } catch let error as VoxtileError {
      try require(!error.message.isEmpty, "\(what()): the error says nothing")
      return error
    }
    throw Violation(description: "\(what()): nothing was thrown")
  }
}

/// An image of random bytes.
struct ContractImage: Sendable, CustomStringConvertible {
  var info: VolumeInfo
  let bytes: [UInt8]

  /// - Parameter isBlank: whether all bytes are 0.
  init(_ extent: Extent, channels: Int, type: ScalarType, isBlank: Bool = false) {
    info = VolumeInfo(extent: extent, channels: channels, scalarType: type)
    let count = info.byteCount(of: Region(extent))
    var random = SplitMix64(seed: UInt64(count))
    bytes =
      isBlank
      ? [UInt8](repeating: 0, count: count)
      : (0..<count).map { _ in UInt8.random(in: 1...255, using: &random) }
  }

  /// An image that was read.
  init(_ info: VolumeInfo, bytes: [UInt8]) {
    self.info = info
    self.bytes = bytes
  }

  var description: String { "\(info.channels) x \(info.extent) \(info.scalarType.rawValue)" }

  /// The bytes of a box, voxel by voxel.
  func bytes(of region: Region) -> [UInt8] {
    if region == Region(info.extent) { return bytes }
    let (size, extent) = (info.scalarType.byteCount, info.extent)
    return (0..<info.channels).flatMap { channel in
      region.z.flatMap { z in
        region.y.flatMap { y in
          let row = ((channel * extent.depth + z) * extent.height + y) * extent.width
          return bytes[(row + region.x.lowerBound) * size..<(row + region.x.upperBound) * size]
        }
      }
    }
  }

  /// Writes a file, some slices at a time. Nobody waits for the disk.
  func write(
    to path: String, _ registry: FormatRegistry, slices: Int = .max, options: WriteOptions = WriteOptions()
  ) throws {
    var options = options
    options.isDurable = false
    let writer = try registry.create(path, info: info, options: options)
    try write(slices: info.extent.depth, atOnce: slices, to: writer)
    try writer.finish()
  }

  /// Writes the first slices.
  func write(slices count: Int, atOnce: Int = 1, to writer: any VolumeWriter) throws {
    var first = 0
    while first < count {
      let slices = first..<first + min(atOnce, count - first)
      let region = Region(x: 0..<info.extent.width, y: 0..<info.extent.height, z: slices)
      try bytes(of: region).withUnsafeBytes { try writer.write($0, slices: slices) }
      first = slices.upperBound
    }
  }
}

extension VolumeReader {
  /// The stored bytes of a box, or of the whole image.
  func storedBytes(_ region: Region? = nil) throws -> [UInt8] {
    let region = region ?? Region(info.extent)
    var bytes = [UInt8](repeating: 0, count: info.byteCount(of: region))
    try bytes.withUnsafeMutableBytes { try read(region, into: $0) }
    return bytes
  }
}
