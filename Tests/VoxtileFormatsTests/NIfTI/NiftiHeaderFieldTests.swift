import Testing
import Voxtile

@testable import VoxtileFormats

/// Fields of headers that files seldom have: what is said of them, and what is left as it was.
@Suite("NiftiHeader, fields") struct NiftiHeaderFieldTests: NiftiHeaders {
  private func setIdentity(_ header: inout NiftiHeader) {
    header.set(.sformCode, to: 1)
    for index in [0, 5, 10] { header.set(.srow, index, to: 1.0) }
  }

  private func notes(_ header: NiftiHeader) throws -> [String] { header.notes(try header.shape().extent) }

  @Test("what is no header says what it begins with, and only the first version may be ANALYZE")
  func noHeader() {
    for (bytes, found) in [([1, 2, 0], "3 bytes"), ([1, 2, 0, 0], "513"), ([0, 0, 0, 1, 9], "16777216")] {
      let error = #expect(throws: VoxtileError.self) { try NiftiHeader(bytes.map { UInt8($0) }) }
      #expect(error?.context.found == found)
    }
    for (version, code) in [(NiftiVersion.one, VoxtileError.Code.unsupportedFormat), (.two, .malformedFile)] {
      var bytes = header(4, version: version).bytes
      for index in 0..<4 { bytes[version.magicOffset + index] = 0 }
      let error = #expect(throws: VoxtileError.self) { try NiftiHeader(bytes) }
      #expect(error?.code == code, "\(version)")
    }
  }

  @Test("an offset that is no whole number is none")
  func fraction() {
    var header = header(4)
    header.set(.voxOffset, to: 0.5)
    #expect(header.integer(.voxOffset) == -1)
  }

  @Test("vectors are colors only where their name says so, for that number of components")
  func colors() {
    for (intent, name, meaning) in [
      (1007, "RGB", ChannelMeaning.colors), (1006, "RGB", .components), (1007, "", .components),
      (1007, "RGBA", .components), (2003, "", .colors),
    ] {
      for version in [NiftiVersion.one, .two] {
        var header = header(4, 4, 4, 1, 3, version: version)
        header.set(.intentCode, to: intent)
        let count = header.bytes.count
        header.setText(name, at: (328, 508), byteCount: 16)
        #expect(header.bytes.count == count)
        let field = version == .one ? 328..<344 : 508..<524
        #expect(
          Array(header.bytes[field]) == Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count))
        #expect(header.channelMeaning(of: 3) == meaning, "\(intent) \(name)")
      }
    }
  }

  @Test(
    "colors that are written are colors again, and nothing beyond their name is touched", arguments: 2...4)
  func writtenColors(count: Int) {
    for version in [NiftiVersion.one, .two] {
      var header = header(4, 4, 4, version: version)
      header.setChannels(.colors, count: count)
      #expect(header.isSingleFile && header.channelMeaning(of: count) == .colors)
    }
  }

  @Test("the unit of time does not depend on the unit of length, and neither does writing it")
  func timeUnits() {
    for unit in 0...3 {
      var header = header(4, 4, 4, 5)
      header.set(.units, to: unit | 8)
      header.set(.pixdim, 4, to: 2.0)
      #expect(header.channelMeaning(of: 5) == .time(stepSeconds: 2))
      header.set(.units, to: unit | 24)
      #expect(header.channelMeaning(of: 5) == .time(stepSeconds: 2e-6))
      header.set(.units, to: unit | 40)
      #expect(header.channelMeaning(of: 5) == .unknown)
      header.set(.units, to: unit | 16)
      header.setChannels(.time(stepSeconds: 3), count: 5)
      #expect(header.integer(.units) == unit | 8 && header.real(.pixdim, 4) == 3)
      let before = header.bytes
      for nothing in [0, -1, Double.nan, .infinity] {
        header.setChannels(.time(stepSeconds: nothing), count: 5)
        #expect(header.bytes == before)
      }
    }
  }

  @Test("texts that fill their fields end there, and texts with a zero end at it")
  func texts() throws {
    for version in [NiftiVersion.one, .two] {
      var header = header(4, 4, 4, version: version)
      let (description, file) = (String(repeating: "d", count: 80), String(repeating: "a", count: 24))
      header.setText(description, at: (148, 240), byteCount: 80)
      header.setText(file, at: (228, 320), byteCount: 24)
      // The letter A in the byte after them.
      header.set(.qformCode, to: 65)
      var details = try header.volumeInfo(header.shape()).details
      #expect(details.first { $0.name == "description" }?.value == description)
      #expect(details.first { $0.name == "auxiliary file" }?.value == file)
      header.setText("ab\0cd", at: (148, 240), byteCount: 80)
      details = try header.volumeInfo(header.shape()).details
      #expect(details.first { $0.name == "description" }?.value == "ab")
      // Controls are kept, for those who print them to escape; letters beyond ASCII, too.
      header.setText("Zoë\u{1B}[31m", at: (148, 240), byteCount: 80)
      details = try header.volumeInfo(header.shape()).details
      #expect(details.first { $0.name == "description" }?.value == "Zoë\u{1B}[31m")
      // The end of the field may cut off a part of a letter, and what is no UTF-8 is Latin-1.
      let start = version == .one ? 148 : 240
      let aaa = [UInt8](repeating: UInt8(ascii: "a"), count: 79)
      for (field, text) in [(aaa + [0xC3], String(repeating: "a", count: 79)), ([0x5A, 0x6F, 0xEB], "Zoë")] {
        var bytes = header.bytes
        bytes.replaceSubrange(start..<start + field.count, with: field)
        bytes.replaceSubrange(
          start + field.count..<start + 80, with: [UInt8](repeating: 0, count: 80 - field.count))
        let other = try NiftiHeader(bytes)
        details = try other.volumeInfo(other.shape()).details
        #expect(details.first { $0.name == "description" }?.value == text)
      }
    }
  }

  @Test("an sform of zeros is not one that is singular otherwise")
  func singular() throws {
    var header = header(4, 4, 4)
    header.set(.sformCode, to: 1)
    #expect(try notes(header).contains { $0.hasPrefix("has an sform of zeros and no qform") })
    for index in 0..<12 { header.set(.srow, index, to: 1.0) }
    #expect(try notes(header).contains { $0.hasPrefix("has a singular sform and no qform") })
    header.set(.qformCode, to: 1)
    #expect(try notes(header).contains { $0.hasPrefix("has a singular sform; its qform is used") })
  }

  @Test("voxel sizes beside an sform count only along axes of several voxels, where there is one")
  func sizes() throws {
    var flat = header(4, 4)
    setIdentity(&flat)
    #expect(try notes(flat).isEmpty)
    // Beyond the dimensions of the image.
    flat.set(.dim, 3, to: 5)
    flat.set(.pixdim, 3, to: 7.0)
    #expect(try notes(flat).isEmpty)
    var slice = header(4, 4, 1)
    setIdentity(&slice)
    slice.set(.pixdim, 3, to: 7.0)
    #expect(try notes(slice).isEmpty)
    var volume = header(4, 4, 4)
    setIdentity(&volume)
    volume.set(.pixdim, 1, to: 0.0)
    #expect(try notes(volume).isEmpty)
    volume.set(.pixdim, 1, to: 0.5)
    #expect(try notes(volume).contains { $0.contains("but of 0.5 x 1 x 1 by its pixdim") })
    var series = header(4, 4, 4, 3)
    setIdentity(&series)
    series.set(.pixdim, 4, to: -2.0)
    #expect(try notes(series).isEmpty)
  }

  @Test("what planes meant goes with them; dimensions and timing that still apply stay as they were")
  func kept() throws {
    var vectors = header(4, 4, 4, 1, 3)
    vectors.set(.intentCode, to: 1007)
    #expect(try adapted(vectors) { $0.channels = 1 }.integer(.intentCode) == 0)
    var series = header(5, 4, 1, 3)
    for index in 5...7 { series.set(.dim, index, to: 0) }
    let slice = try adapted(series) { $0.extent = Extent(width: 3, height: 1) }
    #expect((0...7).map { slice.integer(.dim, $0) } == [4, 3, 1, 1, 3, 0, 0, 0])
    let one = try adapted(series) { $0.channels = 1 }
    #expect((0...4).map { one.integer(.dim, $0) } == [3, 5, 4, 1, 1])
    let short = try adapted(series) { info in
      info.channels = 1
      info.extent = Extent(width: 5, height: 1)
    }
    #expect(short.integer(.dim) == 3)
    var planar = header(4, 4)
    planar.set(.dim, 3, to: 0)
    #expect(try (0...4).map { try adapted(planar) { $0.channels = 3 }.integer(.dim, $0) } == [4, 4, 4, 1, 3])
    var timed = header(4, 4, 4)
    timed.set(.sliceDuration, to: 0.5)
    #expect(
      try adapted(timed) { $0.extent = Extent(width: 4, height: 4, depth: 2) }.real(.sliceDuration) == 0.5)
    timed.set(.sliceEnd, to: 3)
    #expect(
      try adapted(timed) { $0.extent = Extent(width: 4, height: 4, depth: 2) }.real(.sliceDuration) == 0)
  }

  @Test("a fresh header says nothing beyond its fields; the parameters of an intent are 0")
  func fresh() {
    #expect(NiftiHeader(version: .one).bytes[56..<68].allSatisfy { $0 == 0 })
    #expect(NiftiHeader(version: .two).bytes[80..<104].allSatisfy { $0 == 0 })
  }

  @Test("voxels begin below 2^48")
  func offset() throws {
    var header = header(4, 4, 4, version: .two)
    header.set(.voxOffset, to: 1 << 48 - 1)
    #expect(try header.voxelOffset() == 1 << 48 - 1)
    header.set(.voxOffset, to: 1 << 48)
    #expect(throws: VoxtileError.self) { try header.voxelOffset() }
  }

  @Test("zeros after an extension end them; an extension of code 0 counts")
  func extensions() throws {
    for code in [0, 6] as [UInt8] {
      for order in [ByteOrder.little, .big] {
        var header = NiftiHeader(version: .one, byteOrder: order)
        header = try NiftiHeader(Array(header.bytes.prefix(348)) + [1, 0, 0, 0])
        let (size, number): ([UInt8], [UInt8]) =
          order == .little ? ([16, 0, 0, 0], [code, 0, 0, 0]) : ([0, 0, 0, 16], [0, 0, 0, code])
        try header.append(size + number + [UInt8](repeating: 7, count: 8) + [UInt8](repeating: 0, count: 16))
        let found = try header.extensions()
        #expect(found.map(\.code) == [Int(code)] && found.map(\.byteCount) == [16])
      }
    }
  }

  @Test(
    "a single file keeps the bytes before its voxels; that of a pair is filled with zeros to a multiple of 16"
  )
  func placement() throws {
    var single = header(4, 4, 4)
    try single.append([0, 0, 0, 0, 0, 0, 0, 0])
    single.setPlacement(isSingleFile: true)
    #expect(single.bytes.count == 360 && single.integer(.voxOffset) == 360)
    single.setPlacement(isSingleFile: false)
    #expect(single.bytes.count == 360 && single.integer(.voxOffset) == 0)
    single.setPlacement(isSingleFile: true)
    #expect(single.bytes.count == 368 && single.bytes.suffix(16).allSatisfy { $0 == 0 })
    #expect(single.integer(.voxOffset) == 368)
  }
}
