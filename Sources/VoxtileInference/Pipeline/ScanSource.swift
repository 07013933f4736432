import Voxtile

/// The image that a model sees, from one file or from several that are its channels.
struct ScanSource: Sendable {
  /// The files.
  private(set) var readers: [any VolumeReader]
  /// The box of the files that is the image.
  var box: Region

  /// The first file, which says where the image lies.
  var info: VolumeInfo { readers[0].info }
  /// Values for each voxel, of all files together.
  var channels: Int { readers.reduce(0) { $0 + $1.info.channels } }
  /// Bytes of all files' voxels.
  var byteCount: Int { readers.reduce(0) { $0 + $1.info.byteCount(of: Region($1.info.extent)) } }
  /// What the readers of the files hold in memory themselves.
  var bufferByteCount: Int { readers.reduce(0) { $0 + $1.bufferByteCount } }
  /// Whether a box costs only its own bytes.
  var isRandomAccess: Bool { readers.allSatisfy(\.isRandomAccess) }

  /// Takes files as the channels of one image.
  ///
  /// - Throws: `VoxtileError.Code.shapeMismatch` where they are of different sizes or lie in different places.
  init(_ readers: [any VolumeReader]) throws(VoxtileError) {
    precondition(!readers.isEmpty, "no reader was given")
    self.readers = readers
    box = Region(readers[0].info.extent)
    for (number, reader) in readers.enumerated().dropFirst() {
      try reader.info.checkOnGrid(of: readers[0].info, named: "input \(number + 1)")
    }
  }

  /// Reads a box of the image, all channels, as real values.
  func read(_ region: Region) throws -> Volume<Float> {
    let moved = Region(origin: region.origin + box.origin, extent: region.extent)
    if readers.count == 1 { return try readers[0].readReal(moved, jobs: .one) }
    var voxels: [Float] = []
    voxels.reserveCapacity(region.voxelCount * channels)
    for reader in readers { voxels += try reader.readReal(moved, jobs: .one).voxels }
    return try Volume(extent: region.extent, channels: channels, voxels: voxels)
  }

  /// Reads all files once, so that they can be read in boxes and again at the cost of the box.
  ///
  /// - Parameter isInMemory: whether there is room for their voxels; otherwise they go to scratch files.
  mutating func hold(inMemory isInMemory: Bool, check: () throws -> Void) throws {
    readers = try readers.map { reader in
      try check()
      if isInMemory {
        func wrap(_ volume: some AnyVolume) -> any VolumeReader {
          VolumeInMemory(volume, scaling: reader.info.scaling)
        }
        return wrap(try reader.readAny())
      }
      return reader.isRandomAccess ? reader : try ScratchVolume(copying: reader, check: check)
    }
  }

  /// Calls a body with slab after slab of the whole image, in order.
  func forEachSlab(_ body: (_ slab: Volume<Float>, _ slices: Range<Int>) throws -> Void) throws {
    let whole = VolumeInfo(extent: box.extent, channels: channels, scalarType: .float32)
    for region in whole.slabs(maximumBytes: 16 << 20, splitsSlices: false) {
      try body(try read(region), region.z)
    }
  }

  /// The smallest box that holds all voxels of a kind in some channel; empty where there are none.
  func box(of foreground: Foreground, check: () throws -> Void) throws -> Region {
    var found: Region?
    try forEachSlab { slab, slices in
      try check()
      guard let box = slab.box(of: foreground) else { return }
      let moved = Region(
        origin: Position(x: box.origin.x, y: box.origin.y, z: box.origin.z + slices.lowerBound),
        extent: box.extent)
      found = found?.union(moved) ?? moved
    }
    return found ?? Region(x: 0..<0, y: 0..<0, z: 0..<0)
  }
}

extension Volume where Scalar == Float {
  /// The smallest box with all voxels of a kind, or `nil` where there are none.
  fileprivate func box(of foreground: Foreground) -> Region? {
    var box: Region?
    let span = voxels.span
    for plane in 0..<channels * extent.depth {
      for row in 0..<extent.height {
        let start = (plane * extent.height + row) * extent.width
        let line = span.extracting(start..<start + extent.width)
        guard let columns = foreground.columns(of: line) else { continue }
        let z = plane % extent.depth
        let found = Region(x: columns, y: row..<row + 1, z: z..<z + 1)
        box = box?.union(found) ?? found
      }
    }
    return box
  }
}

extension Foreground {
  /// The columns from the first to the last voxel of the foreground in a row; `nil` where there is none. NaN is background.
  fileprivate func columns(of line: Span<Float>) -> Range<Int>? {
    func isForeground(_ value: Float) -> Bool { value > 0 || self == .nonZero && value < 0 }
    var first = 0
    while first < line.count, !isForeground(line[first]) { first += 1 }
    guard first < line.count else { return nil }
    var end = line.count
    while !isForeground(line[end - 1]) { end -= 1 }
    return first..<end
  }
}
