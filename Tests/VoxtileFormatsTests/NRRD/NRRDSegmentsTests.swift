import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Segmentations of 3D Slicer")
struct NRRDSegmentsTests {
  private let path = "\(TextHeaderTestFiles.fixtures)/labels.seg.nrrd"

  @Test("labels are known with their names and colors")
  func details() throws {
    let info = try ImageFormats.open(path).info
    #expect(info.isLabelMap)
    let labels = info.details.filter { $0.name.hasPrefix("label ") }
    #expect(labels.map(\.name) == ["label 1", "label 3"])
    #expect(labels.map(\.value) == ["liver (221, 130, 101)", "spleen, upper part (0, 255, 0)"])
  }

  @Test("a box says where it lies in the reference image, and that labels may be anywhere in it")
  func box() throws {
    try withTemporaryFolder { folder in
      let reader = try ImageFormats.open(path)
      let region = Region(x: 1..<4, y: 1..<3, z: 2..<3)
      _ = try TextHeaderTestFiles.write(region, of: reader, to: "\(folder)/a.seg.nrrd")
      let box = try ImageFormats.open("\(folder)/a.seg.nrrd").info
      let pairs = NRRDHeader(TextHeader(try #require(box.metadata.header).bytes)).pairs
      func value(_ key: String) -> String? { pairs.first { $0.key == key }?.value }
      #expect(value("Segmentation_ReferenceImageExtentOffset") == "11 21 32")
      #expect(value("Segment0_Extent") == "0 2 0 1 0 0" && value("Segment1_Extent") == "0 2 0 1 0 0")
      #expect(value("Segment1_Name") == "spleen, upper part" && box.isLabelMap)
    }
  }

  @Test("labels that lie over each other are channels")
  func layers() throws {
    let text =
      "NRRD0004\ntype: uchar\ndimension: 4\nsizes: 2 5 4 3\nkinds: list domain domain domain\nencoding: raw\n"
      + "Segment0_Name:=liver\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment0_Color:=1 2 x\n"
      + "Segment1_ID:=tumor\nSegment1_LabelValue:=1\nSegment1_Layer:=1\nSegmentation_X:=1\n\n"
    let info = try TextHeaderTestFiles.open(text, "a.seg.nrrd")
    #expect(info.channels == 2 && info.isLabelMap)
    let labels = info.details.filter { $0.name.hasPrefix("label ") }
    #expect(labels.map(\.name) == ["label 1 of channel 0", "label 1 of channel 1"])
    #expect(labels.map(\.value) == ["liver", "tumor"])
  }

  @Test("probabilities made of labels are none, and new labels say that they are")
  func flag() throws {
    var info = try ImageFormats.open(path).info
    (info.isLabelMap, info.scalarType) = (false, .float32)
    let header = try NRRDHeader.make(for: info) { _ in nil }.0
    #expect(header.pairs.isEmpty)
    let fresh = VolumeInfo(extent: Extent(2), scalarType: .uint8, isLabelMap: true)
    let written = try NRRDHeader.make(for: fresh) { _ in nil }.0
    #expect(written.pairs.map(\.key) == ["Segmentation_SourceRepresentation"])
    #expect(NRRDSegments(written.pairs).isLabelMap)
    #expect(!NRRDSegments([("Segmentation_MasterRepresentation", "Closed surface")]).isLabelMap)
  }

  @Test("keys that are about no segment are told apart")
  func keys() {
    #expect(NRRDSegments.split("Segment12_LabelValue")?.number == 12)
    for key in ["Segmentation_X", "Segment_1", "Segment-1_Name", "SegmentA_Name", "Other", "Segment1"] {
      #expect(NRRDSegments.split(key) == nil, "\(key)")
    }
  }
}
