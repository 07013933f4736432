import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("NiftiHeader")
struct NiftiHeaderTests {
  private let extent = Extent(width: 6, height: 5, depth: 4)
  private let variant = NiftiVariant(version: .one, byteOrder: .big, datatype: .int16, ending: "nii")

  /// The header of what would be written for this description.
  private func written(_ info: VolumeInfo) throws -> NiftiHeader { try NiftiHeader.make(for: info).0 }

  private func crop(_ info: VolumeInfo, to region: Region) -> VolumeInfo {
    var info = info
    info.extent = region.extent
    info.metadata = info.metadata.moved(to: region.origin)
    return info
  }

  @Test("a crop moves sform and qform, and changes nothing else but its dimensions")
  func crop() throws {
    for version in [NiftiVersion.one, .two] {
      var variant = variant
      variant.version = version
      let original = variant.header(extent)
      let info = try variant.info(extent)
      let header = try written(crop(info, to: Region(x: 1..<4, y: 2..<5, z: 3..<4)))
      let place = original.sform.world(x: 1, y: 2, z: 3).all
      #expect(header.sform.rows.map { $0[3] } == place)
      for (row, value) in zip(header.qform.rows, place) { #expect((row[3] - value).magnitude < 1e-5) }
      #expect((0...3).map { header.integer(.dim, $0) } == [3, 3, 3, 1])
      let changed = zip(original.bytes, header.bytes).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
      let fields = [NiftiField.dim, .srow, .qoffset].map { field in
        let place = field.place(in: version)
        return place.offset..<place.offset + 16 * place.encoding.byteCount
      }
      #expect(changed.allSatisfy { offset in fields.contains { $0.contains(offset) } }, "\(changed)")
    }
  }

  @Test("a padded patch may start before the image")
  func paddedCrop() throws {
    let info = try variant.info(extent)
    let region = Region(origin: Position(x: -2, y: -1, z: 0), extent: extent)
    let header = try written(crop(info, to: region))
    #expect(try header.affine() == info.metadata.affine.moved(to: region.origin))
  }

  @Test("with voxel sizes alone, a crop gets an sform and a whole image stays as it is")
  func voxelSizesOnly() throws {
    let reader = try ImageFormats.open(NiftiTestFiles.path("voxel-sizes-only.nii"))
    let bytes = try #require(reader.info.metadata.header).bytes
    #expect(reader.info.metadata.affine.rows[0] == [-2, 0, 0, 3])
    #expect(try written(reader.info).bytes == bytes)
    for region in [Region(x: 1..<3, y: 0..<3, z: 1..<2), Region(x: 0..<2, y: 0..<3, z: 0..<2)] {
      let header = try written(crop(reader.info, to: region))
      #expect(header.integer(.sformCode) == 2)
      #expect(header.integer(.qformCode) == 0)
      #expect(try header.affine() == reader.info.metadata.affine.moved(to: region.origin))
    }
  }

  @Test("an affine that is not the header's replaces its geometry")
  func otherAffine() throws {
    var info = try variant.info(extent)
    let affine = Affine(spacing: PerAxis(x: 2, y: 3, z: 4))
    info.metadata = VolumeMetadata(affine: affine, header: info.metadata.header)
    let header = try written(info)
    #expect(try header.affine() == affine)
    #expect(header.qform == affine)
    #expect(header.real(.calMax) == 100)
  }

  @Test("another scalar type changes the datatype and forgets the display range")
  func otherType() throws {
    var info = try variant.info(extent)
    info.scalarType = .float32
    let header = try written(info)
    #expect(header.integer(.datatype) == 16)
    #expect(header.integer(.bitpix) == 32)
    #expect(header.real(.calMax) == 0)
    #expect(header.integer(.units) == 10)
  }

  @Test("scaling is kept where it is the same, and written where it is not")
  func scaling() throws {
    var original = variant.header(extent)
    original.set(.slope, to: 0.1)
    original.set(.intercept, to: -3.0)
    var info = try original.volumeInfo(original.shape())
    #expect(try written(info).bytes == original.bytes)
    info.scaling = nil
    #expect(try written(info).scaling() == nil)
    #expect(try written(info).real(.slope) == 1)
    info.scaling = VolumeInfo.Scaling(slope: 2, intercept: 5)
    #expect(try written(info).scaling() == info.scaling)
    for none in [0, Double.nan, .infinity] {
      original.set(.slope, to: none)
      info = try original.volumeInfo(original.shape())
      #expect(info.scaling == nil, "\(none)")
      #expect(try written(info).bytes == original.bytes, "\(none)")
    }
  }

  @Test("channels that do not fit the header's go to the fourth dimension")
  func channels() throws {
    var vectors = variant
    vectors.moreDimensions = [1, 3]
    var info = try vectors.info(extent)
    #expect(try (0...5).map { try written(info).integer(.dim, $0) } == [5, 6, 5, 4, 1, 3])
    info.channels = 7
    // The eight sizes are set, and nothing after them, where the parameters of the intent are.
    #expect(try written(info).bytes[56..<64] == vectors.header(extent).bytes[56..<64])
    #expect(try (0...5).map { try written(info).integer(.dim, $0) } == [4, 6, 5, 4, 7, 1])
    info.channels = 1
    #expect(try (0...5).map { try written(info).integer(.dim, $0) } == [3, 6, 5, 4, 1, 1])
    var colors = variant
    colors.datatype = .rgb24
    info = try colors.info(extent)
    #expect(try written(info).integer(.datatype) == 128)
    info.channels = 1
    #expect(try written(info).integer(.datatype) == 2)
  }

  @Test("a planar image stays planar")
  func planar() throws {
    let reader = try ImageFormats.open(NiftiTestFiles.path("planar.nii"))
    #expect(reader.info.extent == Extent(width: 6, height: 5))
    let header = try written(crop(reader.info, to: Region(x: 1..<3, y: 2..<5)))
    #expect((0...2).map { header.integer(.dim, $0) } == [2, 2, 3])
  }

  @Test(
    "where a place in the world is not known, sizes alone are written; a part says where it is in its image")
  func unknownPlace() throws {
    for place in [VolumeMetadata.Place.unknown, .spacing] {
      let metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 0.5, y: 2, z: 3)), place: place)
      let info = VolumeInfo(extent: extent, scalarType: .uint8, metadata: metadata)
      let header = try written(info)
      #expect(header.integer(.sformCode) == 0 && header.integer(.qformCode) == 0)
      #expect((1...3).map { header.real(.pixdim, $0) } == [0.5, 2, 3])
      #expect(try header.volumeInfo(header.shape()).metadata.place == .spacing)
      let part = try NiftiHeader.make(for: crop(info, to: Region(Extent(2))), isPart: true).0
      #expect(part.integer(.sformCode) == 2 && part.integer(.qformCode) == 0)
      #expect(part.sform == metadata.affine)
      let moved = try written(crop(info, to: Region(x: 1..<3, y: 0..<2, z: 0..<2)))
      #expect(moved.integer(.sformCode) == 2)
      #expect(moved.sform == metadata.affine.moved(to: Position(x: 1, y: 0, z: 0)))
    }
  }

  @Test("the fourth dimension is time, the fifth has components or colors")
  func channelMeanings() throws {
    func meaning(_ dim: [Int], intent: Int = 0, units: Int = 2, step: Double = 0) throws -> ChannelMeaning {
      var header = variant.header(extent)
      for (index, size) in dim.enumerated() { header.set(.dim, 4 + index, to: size) }
      header.set(.dim, to: 3 + dim.count)
      header.set(.intentCode, to: intent)
      header.set(.units, to: units)
      header.set(.pixdim, 4, to: step)
      return header.channelMeaning(of: dim.reduce(1, *))
    }
    #expect(try meaning([3]) == .time(stepSeconds: nil))
    #expect(try meaning([3], units: 2 | 8, step: 2.2) == .time(stepSeconds: 2.2))
    #expect(try meaning([3], units: 2 | 16, step: 720) == .time(stepSeconds: 0.72))
    // Hz, ppm and rad/s.
    for unit in [32, 40, 48] { #expect(try meaning([3], units: 2 | unit, step: 1) == .unknown, "\(unit)") }
    // The next code is of none of them.
    #expect(try meaning([3], units: 2 | 56, step: 1) == .time(stepSeconds: nil))
    #expect(try meaning([1, 3]) == .components)
    #expect(try meaning([3], intent: 1007) == .components)
    #expect(try meaning([1, 3], intent: 2003) == .colors)
    #expect(try meaning([1, 4], intent: 2004) == .colors)
    for intent in [2002, 2005] { #expect(try meaning([1, 4], intent: intent) == .components, "\(intent)") }
    #expect(try meaning([4, 3]) == .axes([4, 3]))
    #expect(try meaning([1]) == .unknown)
    #expect(variant.header(extent).channelMeaning(of: 5) == .unknown)
  }

  @Test("details say what the header has, and nothing of what it leaves at 0")
  func details() throws {
    var header = variant.header(extent)
    func detail(_ name: String) throws -> String? {
      try header.volumeInfo(header.shape()).details.first { $0.name == name }?.value
    }
    header.set(.calMax, to: 0.0)
    for name in ["repetition", "intent", "display range", "description", "auxiliary file"] {
      #expect(try detail(name) == nil, "\(name)")
    }
    header.set(.dim, to: 4)
    header.set(.dim, 4, to: 2)
    header.set(.pixdim, 4, to: 2.5)
    header.set(.intentCode, to: 3)
    header.set(.calMin, to: 5.0)
    for (code, unit) in [
      (8, "s"), (16, "ms"), (24, "microseconds"), (32, "Hz"), (40, "ppm"), (48, "rad/s"),
      (56, "(unknown unit)"),
    ] {
      header.set(.units, to: 2 | code)
      #expect(try detail("repetition") == "2.5 \(unit)")
    }
    #expect(try detail("intent") == "3")
    #expect(try detail("display range") == "5.0 to 0.0")
    header.set(.calMin, to: 0.0)
    header.set(.calMax, to: 5.0)
    #expect(try detail("display range") == "0.0 to 5.0")
  }

  @Test("complex values may have a slope, but nothing that is added to their real part alone")
  func complexScaling() throws {
    var header = NiftiVariant(version: .one, byteOrder: .little, datatype: .complex64, ending: "nii").header(
      extent)
    header.set(.slope, to: 2.0)
    header.set(.intercept, to: 0.0)
    #expect(try header.volumeInfo(header.shape()).scaling?.slope == 2)
    for intercept in [1.0, -1, 0.5] {
      header.set(.intercept, to: intercept)
      #expect(throws: VoxtileError.self) { try header.volumeInfo(header.shape()) }
    }
  }

  @Test("values that were labels are none, whatever the header said")
  func scaledLabels() throws {
    var info = try variant.info(extent)
    info.isLabelMap = true
    var scaled = try written(info).volumeInfo(written(info).shape())
    (scaled.isLabelMap, scaled.wereLabels) = (false, true)
    #expect(try written(scaled).integer(.intentCode) == 0)
  }

  @Test("label maps say so, and probabilities made from them do not")
  func labels() throws {
    var info = try variant.info(extent)
    info.isLabelMap = true
    let labels = try written(info)
    #expect(labels.integer(.intentCode) == 1002)
    var probabilities = try labels.volumeInfo(labels.shape())
    probabilities.isLabelMap = false
    #expect(try written(probabilities).integer(.intentCode) == 1002)
    probabilities.scalarType = .float32
    #expect(try written(probabilities).integer(.intentCode) == 0)
  }

  @Test("a crop forgets the order in which slices were taken")
  func sliceTiming() throws {
    var original = variant.header(extent)
    original.set(.sliceCode, to: 3)
    original.set(.sliceEnd, to: 3)
    original.set(.sliceDuration, to: 0.1)
    let info = try original.volumeInfo(original.shape())
    #expect(try written(info).bytes == original.bytes)
    let header = try written(crop(info, to: Region(x: 0..<6, y: 0..<5, z: 0..<2)))
    #expect(header.integer(.sliceCode) == 0 && header.integer(.sliceEnd) == 0)
    #expect(header.real(.sliceDuration) == 0)
  }
}
