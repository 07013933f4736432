import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@Suite("VolumeOnDemand")
struct VolumeOnDemandTests {
  @Test("it says and reads what the file does", arguments: ["a.nii", "a.nii.gz"])
  func reads(name: String) throws {
    try withTemporaryFolder { folder in
      var volume = try Volume<Int16>(extent: Extent(3), voxels: (0..<27).map { Int16($0) })
      volume.metadata = VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 2, z: 3)))
      try volume.write(to: "\(folder)/\(name)")
      let (file, open) = (try VolumeOnDemand("\(folder)/\(name)"), try ImageFormats.open("\(folder)/\(name)"))
      #expect(file.info.extent == open.info.extent && file.info.scalarType == open.info.scalarType)
      #expect(file.isRandomAccess == open.isRandomAccess && file.info.metadata.spacing.all == [1, 2, 3])
      let box = Region(x: 1..<3, y: 0..<2, z: 2..<3)
      #expect(try file.read(box, as: Int16.self).voxels == open.read(box, as: Int16.self).voxels)
    }
  }
}
