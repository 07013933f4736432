import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("NRRD")
struct NRRDTests: NRRDHeaderTests {
  private func error(_ changes: [(String, String?)]) -> VoxtileError? {
    #expect(throws: VoxtileError.self) { try info(changes) }
  }

  @Test("every name of every type is known")
  func types() throws {
    for (name, type) in [
      ("signed char", ScalarType.int8), ("uchar", .uint8), ("UINT8_T", .uint8), ("short int", .int16),
      ("unsigned short int", .uint16), ("int32_t", .int32), ("uint", .uint32), ("long long", .int64),
      ("ulonglong", .uint64), ("float", .float32), ("double", .float64),
    ] {
      #expect(NRRDType.scalarType(name) == type, "\(name)")
    }
    for type in ScalarType.allCases { #expect(NRRDType.scalarType(NRRDType.name(type)) == type) }
  }

  @Test("messages name the field, its line and both values")
  func messages() {
    let cases: [([(String, String?)], VoxtileError.Code, String)] = [
      (
        [("sizes", "5 4")], .malformedFile,
        "sizes (line 5) is '5 4', but it should be 3 whole numbers of at least 1"
      ),
      ([("sizes", "5 4 1152921504606846976")], .malformedFile, "sizes that give fewer than 2^60 bytes"),
      ([("sizes", nil)], .malformedFile, "sizes is missing"),
      ([("dimension", "17")], .malformedFile, "1 to 16"),
      ([("type", "half")], .malformedFile, "type (line 2) is 'half'"),
      ([("type", "block")], .unsupportedFormat, "blocks of bytes"),
      ([("encoding", "ascii")], .unsupportedFormat, "as text (encoding: ascii)"),
      ([("encoding", "hex")], .unsupportedFormat, "hexadecimal text"),
      ([("encoding", "bz2")], .unsupportedFormat, "bzip2 (encoding: bz2)"),
      ([("encoding", "zip")], .malformedFile, "encoding (line 9) is 'zip'"),
      ([("encoding", nil)], .malformedFile, "encoding is missing"),
      ([("endian", "middle")], .malformedFile, "should be little or big"),
      ([("space", "MNI")], .malformedFile, "space (line 4) is 'MNI'"),
      ([("space directions", "(1,0) (0,1) (0,0)")], .malformedFile, "3 vectors of 3 numbers, or none"),
      ([("space directions", "(1,0,0) (0,1,0")], .malformedFile, "3 vectors of 3 numbers"),
      ([("space origin", "(1,2,inf)")], .malformedFile, "one vector of 3 numbers"),
      ([("kinds", "domain domain")], .malformedFile, "3 words"),
      (
        [("space directions", "(1,0,0) none (0,0,3)")], .unsupportedFormat,
        "channels between the axes of its image"
      ),
      ([("space directions", "none none none")], .unsupportedFormat, "has no axis of an image"),
      ([("data file", "LIST")], .unsupportedFormat, "in a list of files (data file: LIST)"),
      (
        [("data file", "a%02d.raw 1 3 1")], .unsupportedFormat,
        "in files of a pattern (data file: a%02d.raw 1 3 1)"
      ),
      ([("datafile", "../a.raw")], .unsupportedFormat, "outside of its own folder"),
      ([("byte skip", "-2")], .malformedFile, "byte skip (line 11) is '-2'"),
      ([("line skip", "1000")], .malformedFile, "lines before its voxels, but its header says 1000"),
    ]
    for (changes, code, message) in cases {
      let error = error(changes)
      #expect(error?.code == code, "\(message)")
      #expect(error?.message.contains(message) == true, "\(message): \(error?.message ?? "")")
    }
  }

  @Test("coordinates of every space become RAS")
  func spaces() throws {
    for (names, signs) in [
      (["right-anterior-superior", "RAS"], [1.0, 1]), (["left-anterior-superior", "las"], [-1, 1]),
      (["left-posterior-superior", "LPS"], [-1, -1]), (["scanner-xyz", "3D-right-handed"], [-1, -1]),
    ] {
      for name in names {
        let found = try info([("space", name)])
        let rows = [[signs[0], 0, 0, 10 * signs[0]], [0, 2 * signs[1], 0, 20 * signs[1]], [0, 0, 3, 30]]
        #expect(found.metadata.affine.rows == rows, "\(name)")
        let isNamed = !name.hasPrefix("3D") && name != "scanner-xyz"
        #expect(found.metadata.place == (isNamed ? .world : .spacing) && found.notes.isEmpty == isNamed)
      }
    }
    let timed = try info([
      ("space", "LPST"), ("dimension", "4"), ("sizes", "5 4 1 3"), ("kinds", nil),
      ("space origin", "(1,2,3,4)"),
      ("space directions", "(1,0,0,0) (0,1,0,0) (0,0,1,0) (0,0,0,2)"),
    ])
    #expect(timed.channels == 3 && timed.metadata.affine.rows.map { $0[3] } == [-1, -2, 3])
    #expect(NRRDFormat.channelMeaning(timed) == .time(stepSeconds: 2))
  }

  @Test("the time from one time point to the next, with and without a space, and in other units")
  func steps() throws {
    let space: [(String, String?)] = [
      ("space", "left-posterior-superior-time"), ("dimension", "4"), ("sizes", "5 4 1 3"),
      ("kinds", "domain domain domain domain"), ("space origin", "(1,2,3,4)"),
      ("space directions", "(1,0,0,0) (0,1,0,0) (0,0,1,0) (0,0,0,-250)"),
    ]
    let none: [(String, String?)] = [
      ("space", nil), ("dimension", "4"), ("sizes", "3 5 4 1"), ("kinds", "time domain domain domain"),
      ("space origin", nil), ("space directions", nil), ("spacings", "2 1 1 1"),
    ]
    let cases: [([(String, String?)], Double?)] = [
      (space, 250), (space + [("space units", #""mm" "mm" "mm" "ms""#)], 0.25),
      (space + [("space units", #""mm" "mm" "mm" "beats""#)], nil),
      (none, 2), (none + [("units", #""min" "mm" "mm" "mm""#)], 120),
      (none + [("spacings", "nan 1 1 1")], nil),
    ]
    for (changes, step) in cases {
      let found = try info(changes)
      #expect(NRRDFormat.channelMeaning(found) == .time(stepSeconds: step), "\(changes)")
    }
  }

  @Test("the axis of channels is the first, the last, or none; two axes with channels are a 2D image")
  func axes() throws {
    let cases: [([(String, String?)], Int, [Int])] = [
      ([("space directions", "none (1,0,0) (0,2,0)"), ("kinds", "vector domain domain")], 5, [4, 3, 1]),
      ([("space directions", "(1,0,0) (0,2,0) none"), ("kinds", "domain domain list")], 3, [5, 4, 1]),
      (
        [
          ("space", nil), ("space directions", nil), ("space origin", nil),
          ("kinds", "RGB-color space space"),
        ], 5, [4, 3, 1]
      ),
      ([("space", nil), ("space directions", nil), ("space origin", nil), ("kinds", nil)], 1, [5, 4, 3]),
      (
        [("space", nil), ("space directions", nil), ("space origin", nil), ("kinds", "??? ??? ???")], 1,
        [5, 4, 3]
      ),
    ]
    for (changes, channels, extent) in cases {
      let found = try info(changes)
      #expect(found.channels == channels && found.extent.sizes.all == extent, "\(changes)")
      #expect(found.metadata.spatialRank == (extent[2] == 1 ? 2 : 3))
    }
    let four = try info([
      ("dimension", "4"), ("sizes", "5 2 2 3"), ("space", nil), ("space directions", nil),
      ("space origin", nil), ("kinds", nil),
    ])
    #expect(four.channels == 3 && four.notes.first?.contains("does not say what its 4 axes are") == true)
  }

  @Test("channels side by side and one after another are told apart")
  func channelOrder() throws {
    for (directions, kinds, expected) in [
      ("none (1,0,0) (0,2,0)", "list domain domain", [0, 4, 8, 12, 16, 20, 1, 5] as [UInt8]),
      ("(1,0,0) (0,2,0) none", "domain domain list", [0, 1, 2, 3, 4, 5, 6, 7]),
    ] {
      try withTemporaryFolder { folder in
        let text = header([
          ("type", "uchar"), ("sizes", "4 3 2"), ("space directions", directions), ("kinds", kinds),
        ])
        try writeFile(Array(text.utf8) + (0..<24).map { UInt8($0) }, to: "\(folder)/a.nrrd")
        let bytes = try ImageFormats.open("\(folder)/a.nrrd").bytes()
        #expect(Array(bytes.prefix(8)) == expected)
      }
    }
  }

  @Test("spacings without a space have no side, and a box of them has a place all the same")
  func spacings() throws {
    let none: [(String, String?)] = [("space", nil), ("space directions", nil), ("space origin", nil)]
    #expect(try info(none).metadata.place == .unknown)
    let sized = try info(none + [("spacings", "1 2 nan")])
    #expect(sized.metadata.place == .spacing && sized.metadata.spacing == PerAxis(x: 1, y: 2, z: 1))
    let mins = try info(
      none + [("spacings", "1 2 3"), ("axis mins", "10 20 30"), ("centers", "cell node ???")])
    #expect(mins.metadata.affine.rows.map { $0[3] } == [-10.5, -20, 31.5])
    var box = mins
    box.extent = Extent(2)
    box.metadata = mins.metadata.moved(to: Position(x: 1, y: 1, z: 1))
    let again = NRRDHeader(TextHeader(try NRRDHeader.make(for: box) { _ in nil }.0.text.bytes))
    let found = try again.volumeInfo(again.layout())
    #expect(found.metadata.affine == box.metadata.affine && found.metadata.place == .spacing)
  }

  @Test("a box of an image in centimeters, in any space, lies where it was cut from")
  func units() throws {
    for (space, origin) in [("LPS", "(11,24,33)"), ("RAS", "(11,24,33)"), ("scanner-xyz", "(11,24,33)")] {
      var box = try info([("space", space), ("space units", "\"cm\" \"cm\" \"cm\"")])
      box.extent = Extent(2)
      box.metadata = box.metadata.moved(to: Position(x: 1, y: 2, z: 1))
      let header = try NRRDHeader.make(for: box) { _ in nil }.0
      #expect(header.field("space origin")?.value == origin && header.field("space")?.value == space)
      let again = NRRDHeader(TextHeader(header.text.bytes))
      #expect(try again.volumeInfo(again.layout()).metadata.affine == box.metadata.affine)
    }
  }

  @Test("lines and bytes before the voxels are left out; of compressed voxels, bytes are those inside")
  func skips() throws {
    let voxels = (0..<120).map { UInt8($0) }
    let lines = Array("one\ntwo\n".utf8)
    let cases: [([UInt8], [(String, String?)])] = [
      (lines + [7, 7] + voxels, [("line skip", "2"), ("byte skip", "2")]),
      (lines + voxels, [("byte skip", "-1")]),
      (lines + ([7, 7] + voxels).gzipped(), [("encoding", "gzip"), ("line skip", "2"), ("byte skip", "2")]),
    ]
    for (bytes, changes) in cases {
      for isDetached in [false, true] {
        try withTemporaryFolder { folder in
          let text = Array(header(changes + (isDetached ? [("data file", "a.bin")] : [])).utf8)
          if isDetached { try writeFile(bytes, to: "\(folder)/a.bin") }
          try writeFile(text + (isDetached ? [] : bytes), to: "\(folder)/a")
          let reader = try ImageFormats.open("\(folder)/a")
          #expect(try reader.bytes() == voxels && reader.info.notes.isEmpty)
          _ = try TextHeaderTestFiles.write(Region(reader.info.extent), of: reader, to: "\(folder)/b.nrrd")
          #expect(try ImageFormats.open("\(folder)/b.nrrd").bytes() == voxels)
        }
      }
    }
  }

  @Test("what is doubtful is noted")
  func notes() throws {
    let cases: [([(String, String?)], String)] = [
      ([("endian", nil)], "does not say its byte order (endian), which is taken as little"),
      ([("space units", "\"cm\" \"cm\" \"cm\"")], "which are converted to mm: voxels of 10 x 20 x 30 mm"),
      ([("space directions", "(1,0,0) (0,2,0) (0,0,0)")], "has singular space directions"),
      ([("space directions", nil)], "has a space, but no directions in it"),
      ([("sizes", "5 4 2")], "has 40 bytes more than its header says"),
    ]
    for (changes, words) in cases {
      let notes = try info(changes).notes
      #expect(notes.count == 1 && notes[0].contains(words), "\(words): \(notes)")
    }
    #expect(try info([("space units", "\"mm\" \"mm\" \"mm\"")]).notes.isEmpty)
  }

  @Test("colors are those of kinds")
  func colors() throws {
    let color = try info(
      [
        ("space directions", "none (1,0,0) (0,2,0)"), ("kinds", "RGB-color domain domain"),
        ("sizes", "3 5 8"),
      ], voxels: 240)
    #expect(NRRDFormat.channelsAreColor(color))
    #expect(try !NRRDFormat.channelsAreColor(info()))
  }

  @Test("a merged image of other channels keeps comments, pairs and fields that nobody knows")
  func otherChannels() throws {
    var labels = try info(
      [("weather", "fine"), ("spacings", nil)], pairs: ["# a comment", "key: odd:=value", "a:=b"])
    labels.channels = 3
    labels.scalarType = .float32
    let (header, layout) = try NRRDHeader.make(for: labels) { _ in nil }
    let lines = header.text.lines.map(\.text)
    #expect(lines.contains("weather: fine") && lines.contains("a:=b") && lines.contains("# a comment"))
    #expect(layout.axes.sizes == [3, 5, 4, 3] && lines.contains("kinds: vector domain domain domain"))
    let again = NRRDHeader(TextHeader(header.text.bytes))
    #expect(try again.volumeInfo(again.layout()).metadata.affine == labels.metadata.affine)
  }
}
