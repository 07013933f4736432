import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("LabelTable")
struct LabelTableTests {
  private func table(_ text: String) throws -> LabelTable { try LabelTable(text: text) }

  @Test("lines of ITK-SNAP have a color, an opacity, two switches and a name in quotation marks")
  func snap() throws {
    let table = try table(
      """
      ################
      # ITK-SnAP Label Description File
          0     0    0    0        0  0  0    "Clear Label"
          1   255    0  128        1  1  1    "Left lung, upper"\r
          2     0  255    0      0.5  1  1    "2 x 2"
      """)
    #expect(table[1] == .init(name: "Left lung, upper", color: [255, 0, 128]))
    #expect(table[2] == .init(name: "2 x 2", color: [0, 255, 0]))
    #expect(table[0]?.name == "Clear Label" && table.labels.count == 3)
  }

  @Test("lines of FreeSurfer and 3D Slicer have a name, a color and an opacity")
  func freeSurfer() throws {
    let table = try table(
      """
      #No. Label Name:                            R   G   B   A

      17  Left-Hippocampus                        220 216 20  0
      // a comment
      41\tRight Cerebral White Matter\t0 225 0
      17  again                                   1 2 3 0
      """)
    #expect(table[17] == .init(name: "Left-Hippocampus", color: [220, 216, 20]))
    #expect(table[41] == .init(name: "Right Cerebral White Matter", color: [0, 225, 0]))
    #expect(table.labels.sorted() == [17, 41])
  }

  @Test("lines of MRIcron have a name, and perhaps a code; its colors are by label")
  func mricron() throws {
    let table = try table("1 Precentral_L 2001\n2\tGenu of corpus callosum\n-3 x\n4 layer 300 400\n")
    #expect(table.names == [1: "Precentral_L", 2: "Genu of corpus callosum", -3: "x", 4: "layer 300 400"])
    #expect(table[1]?.color == nil)
    let colors = try LabelTable(lut: (0..<3).flatMap { plane in (0..<256).map { UInt8(($0 + plane) % 256) } })
    #expect(colors[0] == nil && colors[7]?.color == [7, 8, 9] && colors[255]?.color == [255, 0, 1])
    #expect(table.adding(colors)[1] == .init(name: "Precentral_L", color: [1, 2, 3]))
    #expect(colors.adding(table)[1] == .init(name: "Precentral_L", color: [1, 2, 3]))
  }

  @Test(
    "what is no table is refused, and the line is named",
    arguments: ["liver", "1", "1 a\n2", "a 1", "1 \"\"", "1.5 a"])
  func refusedText(_ text: String) {
    #expect {
      _ = try table(text)
    } throws: { error in
      guard let error = error as? VoxtileError else { return false }
      return error.code == .malformedFile && error.message.contains("line \(text.contains("\n") ? 2 : 1) ")
    }
  }

  @Test("of a file that is no text, no bytes are shown")
  func noText() {
    let bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 255, 120, 121]
    let error = #expect(throws: VoxtileError.self) { try table(String(decoding: bytes, as: UTF8.self)) }
    #expect(error?.message.contains("line 1 is no text, but a line of a label table") == true)
    #expect(error?.message.contains("xy") == false)
  }

  @Test("JSON without labels, and colors of another size, are refused")
  func refusedOthers() {
    for text in ["", "[]", "{}", #"{"labels": 3}"#, #"{"labels": {"#] {
      #expect(throws: VoxtileError.self) { _ = try LabelTable(json: Array(text.utf8)) }
    }
    for count in [0, 767, 769] {
      #expect(throws: VoxtileError.self) { _ = try LabelTable(lut: [UInt8](repeating: 0, count: count)) }
    }
  }

  @Test("names are found beside a label map: its record before MRIcron's table, and dataset.json last")
  func beside() throws {
    try withTemporaryFolder { folder in
      let map = "\(folder)/labels/aal.nii.gz"
      #expect(LabelTable(beside: map).isEmpty)
      try FileManager.default.createDirectory(atPath: "\(folder)/labels", withIntermediateDirectories: false)
      try writeFile(
        Array(#"{"labels": {"background": 0, "from nnU-Net": 1, "last": 9, "region": [1, 2]}}"#.utf8),
        to: "\(folder)/dataset.json")
      try writeFile(Array("1 from_MRIcron\n2 second\n".utf8), to: "\(folder)/labels/aal.nii.txt")
      try writeFile([UInt8](repeating: 9, count: 768), to: "\(folder)/labels/aal.nii.lut")
      #expect(LabelTable(beside: map).names == [0: "background", 1: "from_MRIcron", 2: "second", 9: "last"])
      try writeFile(
        Array(#"{"version": 1, "labels": [{"label": 1, "name": "predicted"}]}"#.utf8),
        to: "\(map).voxtile.json")
      let table = LabelTable(beside: map)
      #expect(table[1] == .init(name: "predicted", color: [9, 9, 9]) && table[2]?.name == "second")
      // A text that is no table, such as a note, is left out.
      try writeFile(Array("scanned on Monday".utf8), to: "\(folder)/labels/aal.nii.txt")
      #expect(LabelTable(beside: map)[2]?.name == "")
    }
  }

  @Test("a named file that cannot be read is an error with its path")
  func missing() throws {
    try withTemporaryFolder { folder in
      #expect {
        _ = try LabelTable(contentsOf: "\(folder)/none.txt")
      } throws: { error in
        (error as? VoxtileError)?.code == .fileAccess
      }
      try writeFile(Array("liver".utf8), to: "\(folder)/a.txt")
      #expect {
        _ = try LabelTable(contentsOf: "\(folder)/a.txt")
      } throws: { error in
        "\(error)".contains("a.txt")
      }
    }
  }

  @Test("segments of 3D Slicer have names and colors, and long names are cut")
  func segments() throws {
    try withTemporaryFolder { folder in
      let header = """
        NRRD0004
        type: uint8
        dimension: 3
        sizes: 1 1 1
        encoding: raw
        Segment0_Name:=liver
        Segment0_LabelValue:=4
        Segment0_Color:=1 0.5 0


        """
      try writeFile(Array(header.utf8) + [4], to: "\(folder)/a.seg.nrrd")
      #expect(LabelTable(beside: "\(folder)/a.seg.nrrd")[4] == .init(name: "liver", color: [255, 128, 0]))
      let long = LabelTable([1: .init(name: String(repeating: "ä", count: 300))])
      #expect(long[1]?.name == String(repeating: "ä", count: 100))
    }
  }
}
