import Testing
import Voxtile

@testable import VoxtileFormats

/// Values of header fields at which a rule begins or ends.
@Suite("NiftiHeader, limits of its rules") struct NiftiHeaderEdgeTests: NiftiHeaders {
  private func detail(_ name: String, of header: NiftiHeader) throws -> String? {
    try header.volumeInfo(try header.shape()).details.first { $0.name == name }?.value
  }

  @Test("a step of time is what is above 0, in both versions and all units")
  func steps() {
    for version in [NiftiVersion.one, .two] {
      var header = header(4, 4, 4, 5, version: version)
      for (unit, step, seconds) in [
        (8, 0.25, 0.25), (16, 0.5, 0.0005), (16, 2000, 2), (8, 0, nil), (8, -1, nil),
        (8, Double.infinity, nil),
      ] {
        header.set(.units, to: 2 | unit)
        header.set(.pixdim, 4, to: step)
        #expect(header.channelMeaning(of: 5) == .time(stepSeconds: seconds), "\(unit) \(step)")
      }
    }
    var header = header(4, 4, 4)
    header.setChannels(.time(stepSeconds: 0.5), count: 5)
    #expect(header.real(.pixdim, 4) == 0.5)
  }

  @Test("components lie along the fifth of five dimensions")
  func components() {
    var header = header(4, 4, 4)
    header.setChannels(.components, count: 3)
    #expect((0...5).map { header.integer(.dim, $0) } == [5, 4, 4, 4, 1, 3])
  }

  /// A header that is made anew for an image whose channels another header describes.
  private func made(channels: Int, describedBy source: NiftiHeader) throws -> NiftiHeader {
    var metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(1)))
    metadata.channelHeader = .init(format: NiftiFormat.name, bytes: source.bytes)
    let info = VolumeInfo(
      extent: Extent(width: 4, height: 4, depth: 4), channels: channels, scalarType: .float32,
      metadata: metadata)
    return try NiftiHeader.make(for: info).0
  }

  @Test("a series is described as another header describes it, also in units that are not those of time")
  func series() throws {
    for unit in [0, 16, 32, 56] {
      var source = header(9, 9, 9, 5)
      source.set(.units, to: 3 | unit)
      source.set(.pixdim, 4, to: 3.5)
      source.set(.timeOffset, to: 7.0)
      let found = try made(channels: 5, describedBy: source)
      #expect(found.real(.pixdim, 4) == 3.5 && found.real(.timeOffset) == 7, "\(unit)")
      #expect(found.integer(.units) == 2 | unit, "\(unit)")
      // Not one of another number of channels, of one channel, or of components.
      #expect(try made(channels: 4, describedBy: source).real(.pixdim, 4) == 1)
      var single = source
      single.set(.dim, 4, to: 1)
      #expect(try made(channels: 1, describedBy: single).real(.pixdim, 4) == 1)
      source.set(.intentCode, to: 1006)
      #expect(try made(channels: 5, describedBy: source).real(.timeOffset) == 0)
    }
  }

  @Test("only numbers of the geometry in use have to be finite, and the one that is not is named")
  func finite() throws {
    for version in [NiftiVersion.one, .two] {
      var placed = header(4, 4, 4, version: version)
      placed.set(.sformCode, to: 1)
      for index in [0, 5, 10] { placed.set(.srow, index, to: 1.0) }
      // What follows the matrix: the name of the intent, here with the bits of NaN.
      var bytes = placed.bytes
      let name = version == .one ? 328 : 508
      for index in name..<name + 16 { bytes[index] = 0xFF }
      #expect(try NiftiHeader(bytes).affine() == Affine(spacing: PerAxis(1)))

      var turned = header(4, 4, 4, version: version)
      turned.set(.qformCode, to: 1)
      turned.set(.qoffset, 0, to: .nan)
      let error = #expect(throws: VoxtileError.self) { try turned.affine() }
      #expect("\(try #require(error))".contains("\(NiftiField.qoffset.name) [0]"))
    }
  }

  @Test("a quaternion that is longer than 1 is scaled to 1", arguments: 0..<3)
  func longQuaternion(axis: Int) {
    var header = header(4, 4, 4)
    header.set(.quaternion, axis, to: 2.0)
    let rows = header.qform.rows
    for row in 0..<3 {
      #expect((0..<3).map { rows[row][$0] } == (0..<3).map { $0 == row ? (row == axis ? 1 : -1) : 0 })
    }
  }

  @Test("sizes alone center the dimensions that there are, and a size of 0 is 1")
  func sizesAlone() throws {
    var flat = header(5, 3)
    // Dimensions beyond the rank mean nothing.
    flat.set(.dim, 3, to: 9)
    flat.set(.pixdim, 2, to: 0.0)
    let rows = try flat.affine().rows
    #expect(rows.map { $0[3] } == [2, -1, 0] && rows[1][1] == 1)
  }

  @Test("units that are not known stay so where the geometry is another one")
  func units() throws {
    for (unit, written) in [(0, 0), (2, 2), (1, 2), (3, 2)] {
      var source = header(4, 4, 4)
      source.set(.units, to: unit | 8)
      let found = try adapted(source) { info in
        info.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(5)), header: info.metadata.header)
      }
      #expect(found.integer(.units) == written | 8, "\(unit)")
      #expect(try found.affine().spacing == PerAxis(5))
    }
  }

  @Test("details name units of length and time, and an intent with all 16 characters of its name")
  func details() throws {
    for version in [NiftiVersion.one, .two] {
      var header = header(4, 4, 4, 5, version: version)
      header.set(.intentCode, to: 1006)
      header.setText("sixteen letters!", at: (328, 508), byteCount: 16)
      #expect(try detail("intent", of: header) == "1006 (sixteen letters!)")
      for (unit, words) in [
        (0, "unknown, taken as mm"), (1, "m, converted to mm"), (2, "mm"), (3, "micrometer, converted to mm"),
        (7, "code 7, taken as mm"),
      ] {
        header.set(.units, to: unit | 8)
        #expect(try detail("voxel units", of: header) == words)
        #expect(try detail("repetition", of: header) == "1.0 s", "\(unit)")
      }
    }
  }

  @Test("a note on units has the size of a voxel with six decimals")
  func decimals() throws {
    var header = header(4, 4, 4)
    header.set(.units, to: 3)
    for index in 1...3 { header.set(.pixdim, index, to: 1000.0 / 3) }
    let notes = header.notes(try header.shape().extent).joined()
    #expect(notes.contains("voxels of 0.333333 x 0.333333 x 0.333333 mm"), "\(notes)")
  }

  @Test("a crop keeps what is beyond the dimensions, which grow only as far as they have to")
  func ranks() throws {
    var source = header(6, 5, 4)
    source.set(.dim, 5, to: 9)
    let crop = try adapted(source) { info in info.extent = Extent(width: 3, height: 5, depth: 4) }
    #expect((0...5).map { crop.integer(.dim, $0) } == [3, 3, 5, 4, 1, 9])
    let deep = try adapted(header(6, 5)) { info in info.extent = Extent(width: 6, height: 5, depth: 2) }
    #expect((0...3).map { deep.integer(.dim, $0) } == [3, 6, 5, 2])
    let line = try adapted(header(6)) { info in info.extent = Extent(width: 1, height: 1, depth: 1) }
    #expect((0...1).map { line.integer(.dim, $0) } == [1, 1])
  }

  @Test("planes of several dimensions stay apart in version 1, and too many along one need version 2")
  func manyPlanes() throws {
    let apart = try adapted(header(4, 4, 4, 300, 200)) { info in
      info.extent = Extent(width: 2, height: 4, depth: 4)
    }
    #expect(apart.version == .one && (0...5).map { apart.integer(.dim, $0) } == [5, 2, 4, 4, 300, 200])
    let fewer = try adapted(header(4, 4, 4, 300, 200)) { info in info.channels = 40_000 }
    #expect(fewer.version == .two && fewer.integer(.dim, 4) == 40_000)
  }

  @Test("an extension has at least its own 8 bytes, and at most those that there are")
  func extensionSizes() throws {
    for version in [NiftiVersion.one, .two] {
      for (size, room, isWhole) in [
        (8, 8, true), (16, 16, true), (7, 16, false), (17, 16, false), (1000, 16, false),
      ] {
        var bytes = header(4, 4, 4, version: version).bytes
        bytes[version.headerByteCount] = 1
        var header = try NiftiHeader(bytes)
        let parts = [UInt32(size), 6].flatMap { word in
          (0..<4).map {
            UInt8(truncatingIfNeeded: word >> UInt32(header.byteOrder == .little ? 8 * $0 : 24 - 8 * $0))
          }
        }
        let more = parts + [UInt8](repeating: 1, count: room - 8)
        if isWhole {
          try header.append(more)
          #expect(try header.extensions().map(\.byteCount) == [size])
        } else {
          let error = #expect(throws: VoxtileError.self) { try header.append(more) }
          #expect(error?.context.found == "\(size)", "\(size) of \(room)")
        }
      }
    }
  }
}
