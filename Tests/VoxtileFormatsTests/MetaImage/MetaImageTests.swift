import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("MetaImage")
struct MetaImageTests {
  /// A header of 5 x 4 x 3 voxels of int16, with lines added or replaced; a replaced line of `nil` is left out.
  private func header(_ changes: [(String, String?)] = []) -> String {
    var lines: [(String, String?)] = [
      ("ObjectType", "Image"), ("NDims", "3"), ("BinaryDataByteOrderMSB", "False"),
      ("TransformMatrix", "1 0 0 0 1 0 0 0 1"), ("Offset", "10 20 30"), ("ElementSpacing", "1 2 3"),
      ("DimSize", "5 4 3"), ("ElementType", "MET_SHORT"), ("ElementDataFile", "LOCAL"),
    ]
    for (key, value) in changes {
      if let index = lines.firstIndex(where: { $0.0 == key }) {
        lines[index].1 = value
      } else {
        lines.insert((key, value), at: 1)
      }
    }
    return lines.compactMap { key, value in value.map { "\(key) = \($0)\n" } }.joined()
  }

  private func info(_ changes: [(String, String?)] = [], others: [String: [UInt8]] = [:]) throws -> VolumeInfo
  {
    try TextHeaderTestFiles.open(header(changes), "a.mhd", others: others)
  }

  private func error(_ changes: (String, String?)...) -> VoxtileError? {
    #expect(throws: VoxtileError.self) { try info(changes) }
  }

  @Test("every element type has its size, and a long four bytes")
  func types() throws {
    for (name, type) in [
      ("MET_CHAR", ScalarType.int8), ("MET_UCHAR", .uint8), ("MET_USHORT", .uint16),
      ("MET_UCHAR_ARRAY", .uint8),
    ] {
      #expect(try info([("ElementType", name)]).scalarType == type)
    }
    for (name, type) in [
      ("MET_LONG", ScalarType.int32), ("MET_ULONG", .uint32), ("MET_INT", .int32), ("MET_UINT", .uint32),
      ("MET_FLOAT", .float32), ("MET_LONG_LONG", .int64), ("MET_ULONG_LONG", .uint64),
      ("MET_DOUBLE", .float64),
    ] {
      #expect(try info([("ElementType", name), ("DimSize", "5 3 1")]).scalarType == type)
    }
    #expect(error(("ElementType", "MET_STRING"))?.code == .unsupportedFormat)
  }

  @Test("a fourth dimension is time, in seconds; elements of several channels along it are two axes")
  func time() throws {
    let series: [(String, String?)] = [
      ("NDims", "4"), ("DimSize", "5 2 1 6"), ("TransformMatrix", "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"),
      ("Offset", "1 2 3 4"), ("ElementSpacing", "1 2 3 0.5"),
    ]
    let cases: [([(String, String?)], ChannelMeaning)] = [
      (series, .time(stepSeconds: 0.5)), (series + [("ElementSpacing", nil)], .time(stepSeconds: nil)),
      (series + [("ElementSpacing", "1 2 3 0")], .time(stepSeconds: nil)),
      (series + [("DimSize", "5 2 2 3"), ("ElementNumberOfChannels", "1")], .time(stepSeconds: 0.5)),
      (series + [("DimSize", "5 2 1 3"), ("ElementNumberOfChannels", "2")], .axes([2, 3])),
      (series + [("DimSize", "5 4 3 1")], .unknown),
      ([("DimSize", "5 4 1"), ("ElementNumberOfChannels", "3")], .unknown),
    ]
    for (changes, meaning) in cases {
      let found = try info(changes)
      #expect(MetaImageFormat.channelMeaning(found) == meaning, "\(changes)")
    }
  }

  @Test("messages name the key, its line and both values")
  func messages() {
    let cases: [((String, String?), VoxtileError.Code, String)] = [
      (
        ("DimSize", "5 4"), .malformedFile,
        "DimSize (line 7) is '5 4', but it should be 3 whole numbers of at least 1"
      ),
      (("DimSize", "5 4 0"), .malformedFile, "DimSize (line 7) is '5 4 0'"),
      (("DimSize", "5 4 1152921504606846976"), .malformedFile, "sizes that give fewer than 2^60 bytes"),
      (("DimSize", "5 4 300"), .malformedFile, "should have 12"),
      (("NDims", "11"), .malformedFile, "NDims (line 2) is '11', but it should be 1 to 10"),
      (("NDims", nil), .malformedFile, "NDims is missing"),
      (("ElementType", nil), .malformedFile, "ElementType is missing"),
      (
        ("Offset", "1 2 nan"), .malformedFile,
        "Offset (line 5) is '1 2 nan', but it should be 3 finite numbers"
      ),
      (("TransformMatrix", "1 0 0"), .malformedFile, "9 finite numbers"),
      (("BinaryDataByteOrderMSB", "maybe"), .malformedFile, "should be True or False"),
      (("ObjectType", "Tube"), .unsupportedFormat, "holds a Tube, not an image"),
      (("BinaryData", "False"), .unsupportedFormat, "as text (BinaryData = False)"),
      (("ElementDataFile", "LIST"), .unsupportedFormat, "in a list of files (ElementDataFile = LIST)"),
      (("ElementDataFile", "LIST 2"), .unsupportedFormat, "in a list of files"),
      (
        ("ElementDataFile", "a%03d.raw 1 3 1"), .unsupportedFormat,
        "in files of a pattern (ElementDataFile = a%03d.raw 1 3 1)"
      ),
      (("ElementDataFile", "/etc/passwd"), .unsupportedFormat, "outside of its own folder"),
      (("ElementDataFile", "b/../../a.raw"), .unsupportedFormat, "outside of its own folder"),
      (("ElementDataFile", "a.mhd"), .malformedFile, "which is the header itself"),
      (("ElementDataFile", "b.raw"), .fileAccess, "b.raw, which cannot be opened"),
    ]
    for (change, code, message) in cases {
      let error = error(change)
      #expect(error?.code == code, "\(message)")
      #expect(error?.message.contains(message) == true, "\(message): \(error?.message ?? "")")
    }
  }

  @Test("a text that begins with a word of MetaImage is none")
  func otherTexts() throws {
    for text in ["Name = value\n", "Color: red\nsize: 3\n", "\n", "Comment"] {
      #expect(!MetaImageHeader.recognizes(Array(text.utf8)))
    }
    for text in ["NDims = 3\n", "ObjectType = Image\r\n", "Comment = x\nNDims = 3\n", "NDims: 2"] {
      #expect(MetaImageHeader.recognizes(Array(text.utf8)))
    }
  }

  @Test("what ITK takes for the place of an image is taken here, in RAS")
  func place() throws {
    let plain = try info()
    #expect(plain.metadata.affine.rows == [[-1, 0, 0, -10], [0, -2, 0, -20], [0, 0, 3, 30]])
    #expect(plain.metadata.place == .world && plain.notes.isEmpty)
    let turned = try info([("TransformMatrix", "0 1 0 1 0 0 0 0 1")])
    #expect(turned.metadata.affine.rows == [[0, -2, 0, -10], [-1, 0, 0, -20], [0, 0, 3, 30]])
    // A negative size turns an axis, as in ITK.
    #expect(try info([("ElementSpacing", "-1 2 3")]).metadata.affine.rows[0] == [1, 0, 0, -10])
    let older = try info([
      ("TransformMatrix", nil), ("Offset", nil), ("ElementSpacing", nil),
      ("Orientation", "1 0 0 0 1 0 0 0 1"),
      ("Origin", "1 2 3"), ("ElementSize", "4 5 6"),
    ])
    #expect(older.metadata.affine.rows == [[-4, 0, 0, -1], [0, -5, 0, -2], [0, 0, 6, 3]])
  }

  @Test("what a header leaves out is not made up, and what is doubtful is noted")
  func notes() throws {
    let none: [(String, String?)] = [("TransformMatrix", nil), ("Offset", nil), ("ElementSpacing", nil)]
    #expect(try info(none).metadata.place == .unknown)
    #expect(try info(Array(none.prefix(2))).metadata.place == .spacing)
    let cases: [([(String, String?)], String)] = [
      ([("ElementSpacing", nil)], "gives no voxel sizes"),
      ([("ElementSpacing", "1 0 1")], "a voxel size of 0"),
      ([("BinaryDataByteOrderMSB", nil)], "does not say its byte order"),
      (
        [("DistanceUnits", "cm")], "gives lengths in cm, which are converted to mm: voxels of 10 x 20 x 30 mm"
      ),
      ([("AnatomicalOrientation", "LPS")], "of orientation RAI, but an AnatomicalOrientation of LPS"),
      ([("TransformMatrix", "0 0 0 0 0 0 0 0 0")], "a singular TransformMatrix"),
      (
        [("ElementToIntensityFunctionSlope", "2")],
        "has an intensity function, which is applied: 2 x value + 0"
      ),
      ([("HeaderSize", "4")], "has a HeaderSize"),
      ([("DimSize", "5 4 2")], "has 40 bytes more than its header says"),
    ]
    for (changes, words) in cases {
      let notes = try info(changes).notes
      #expect(notes.count == 1 && notes[0].contains(words), "\(words): \(notes)")
    }
    #expect(try info([("AnatomicalOrientation", "RAI")]).notes.isEmpty)
  }

  @Test("a box of an image in centimeters lies where it was cut from")
  func units() throws {
    var box = try info([("DistanceUnits", "cm"), ("NDims", "3")])
    box.extent = Extent(2)
    box.metadata = box.metadata.moved(to: Position(x: 1, y: 2, z: 1))
    let header = try MetaImageHeader.make(for: box) { _ in nil }.0
    #expect(header.entry(.offset)?.value == "11 24 33" && header.entry(.units)?.value == "cm")
    let again = MetaImageHeader(TextHeader(header.text.bytes))
    #expect(try again.volumeInfo(again.layout()).metadata.affine == box.metadata.affine)
  }

  @Test("bytes before the voxels of a file of their own are left out, or all but the last")
  func skip() throws {
    let voxels = [UInt8](repeating: 9, count: 7) + (0..<120).map { UInt8($0) }
    for skip in ["7", "-1"] {
      try withTemporaryFolder { folder in
        try writeFile(voxels, to: "\(folder)/a.raw")
        let text = header([("HeaderSize", skip), ("ElementDataFile", "a.raw"), ("ElementType", "MET_USHORT")])
        try writeFile(Array(text.utf8), to: "\(folder)/a.mhd")
        let reader = try ImageFormats.open("\(folder)/a.mhd")
        #expect(try reader.bytes() == Array(voxels[7...]) && reader.info.notes.isEmpty)
      }
    }
  }

  @Test("a header with DOS line ends keeps them")
  func lineEnds() throws {
    let text = header().replacing("\n", with: "\r\n")
    try withTemporaryFolder { folder in
      try writeFile(Array(text.utf8) + [UInt8](repeating: 1, count: 120), to: "\(folder)/a.mha")
      let reader = try ImageFormats.open("\(folder)/a.mha")
      let box = Region(x: 0..<2, y: 0..<2, z: 0..<1)
      _ = try TextHeaderTestFiles.write(box, of: reader, to: "\(folder)/b.mha")
      let bytes = try fileBytes("\(folder)/b.mha")
      #expect(bytes.count { $0 == 0x0D } == 9 && bytes.count { $0 == 0x0A } == 9)
      #expect(try ImageFormats.open("\(folder)/b.mha").bytes() == [UInt8](repeating: 1, count: 8))
    }
  }

  @Test("scaled values are refused, but for those of a MetaImage")
  func scaling() throws {
    let scaling = VolumeInfo.Scaling(slope: 2, intercept: 0)
    let scaled = VolumeInfo(extent: Extent(2), scalarType: .int16, scaling: scaling)
    #expect(MetaImageFormat.refusal(of: scaled)?.message.contains("cannot hold the scaling") == true)
    let own = try info([("ElementToIntensityFunctionSlope", "2")])
    #expect(own.scaling == scaling && MetaImageFormat.refusal(of: own) == nil)
    var real = own
    (real.scaling, real.scalarType) = (nil, .float32)
    let header = try MetaImageHeader.make(for: real) { _ in nil }.0
    #expect(header.entry(.slope) == nil && header.entry(.type)?.value == "MET_FLOAT")
  }

  @Test("an .mhd and an .nhdr of one name have files of their own")
  func companions() throws {
    let registry = FormatRegistry.standard
    #expect(registry.companions(of: "a.mhd") == ["a.raw", "a.zraw"])
    #expect(Set(registry.companions(of: "a.nhdr")).isDisjoint(with: registry.companions(of: "a.mhd")))
    try withTemporaryFolder { folder in
      let (one, two) = (Volume<UInt8>(extent: Extent(3)), Volume<Int16>(extent: Extent(4)))
      try one.write(to: "\(folder)/a.mhd")
      try two.write(to: "\(folder)/a.nhdr")
      #expect(try ImageFormats.open("\(folder)/a.mhd").info.extent == one.extent)
      #expect(try ImageFormats.open("\(folder)/a.nhdr").info.extent == two.extent)
      #expect(try fileNames(in: folder) == ["a.mhd", "a.nhdr", "a.nhdr.raw", "a.raw"])
      for name in ["a.mhd", "a.nhdr"] {
        #expect(
          try Set(registry.files(of: name)).isSuperset(
            of: fileNames(in: folder).filter { $0.hasPrefix(name) }))
      }
    }
  }

  @Test("a merged image of other channels or dimensions keeps lines that nobody knows")
  func otherChannels() throws {
    let series = try info([
      ("NDims", "4"), ("DimSize", "5 4 1 3"), ("Study", "seven"), ("TransformMatrix", nil), ("Offset", nil),
      ("ElementSpacing", "1 2 3 4"),
    ])
    #expect(series.channels == 3 && series.extent == Extent(width: 5, height: 4, depth: 1))
    var labels = series
    labels.channels = 1
    let (header, layout) = try MetaImageHeader.make(for: labels) { _ in nil }
    #expect(layout.rank == 3 && header.text.lines.map(\.text).contains("Study = seven"))
    #expect(header.text.lines.count { $0.text.hasPrefix("DimSize") } == 1)
    let again = MetaImageHeader(TextHeader(header.text.bytes))
    #expect(try again.volumeInfo(again.layout()).metadata.affine == series.metadata.affine)
  }
}
