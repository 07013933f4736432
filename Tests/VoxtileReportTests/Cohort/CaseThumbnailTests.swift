import Foundation
import Synchronization
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("CaseThumbnail")
struct CaseThumbnailTests {
  /// The colors of a picture, row by row.
  private struct Drawn: Equatable {
    let width: Int
    let height: Int
    let pixels: [VolumeInfo.Color]
    let bytes: Int

    subscript(x: Int, y: Int) -> VolumeInfo.Color { pixels[y * width + x] }

    static func == (one: Drawn, other: Drawn) -> Bool {
      (one.width, one.height) == (other.width, other.height) && one.pixels == other.pixels
    }
  }

  private func draw(
    _ scan: any VolumeReader, labels: (any VolumeReader)? = nil, largest: Int? = nil
  ) throws -> Drawn {
    try withTemporaryFolder { folder in
      let path = CaseThumbnail.path(of: "site/sub-1", in: folder)
      try CaseThumbnail(of: scan, labels: labels, largest: largest).write(to: path)
      let reader = try ImageFormats.open(path)
      let palette = try #require(reader.info.palette)
      let indices: [UInt8] = try reader.read().voxels
      return Drawn(
        width: reader.info.extent.width, height: reader.info.extent.height,
        pixels: indices.map { palette[Int($0)] }, bytes: try fileBytes(path).count)
    }
  }

  /// A phantom as seen in the world, 21 x 31 x 41 mm from left to right, back to front and down to up: a gradient, and a label.
  private static func gray(_ voxel: [Int]) -> UInt8 { UInt8(4 * voxel[0] + 3 * voxel[1]) }
  private static func label(_ voxel: [Int]) -> UInt8 {
    (3...8).contains(voxel[0]) && (20...27).contains(voxel[1]) && (9...15).contains(voxel[2])
      ? UInt8(voxel[2] == 12 ? 5 : 0) : voxel == [20, 30, 40] ? 2 : 0
  }
  private static let sizes = [21, 31, 41]

  /// The phantom stored with its axes in another order and direction.
  private func stored(
    _ order: [Int], _ reversed: [Bool], _ value: @escaping @Sendable ([Int]) -> UInt8, isLabelMap: Bool
  ) -> GivenReader {
    var rows = [[Double]](repeating: [0, 0, 0, 0], count: 3)
    for (axis, world) in order.enumerated() {
      rows[world][axis] = reversed[axis] ? -1 : 1
      if reversed[axis] { rows[world][3] = Double(Self.sizes[world] - 1) }
    }
    let sizes = order.map { Self.sizes[$0] }
    let info = VolumeInfo(
      extent: Extent(width: sizes[0], height: sizes[1], depth: sizes[2]), scalarType: .uint8,
      isLabelMap: isLabelMap, metadata: VolumeMetadata(affine: Affine(rows: rows)))
    return GivenReader(info) { voxel, _ in
      var place = [0, 0, 0]
      for (axis, at) in [voxel.x, voxel.y, voxel.z].enumerated() {
        place[order[axis]] = reversed[axis] ? sizes[axis] - 1 - at : at
      }
      return value(place)
    }
  }

  @Test(
    "a scan has one picture, however its axes are stored: the front is on top, and the patient's right on the right"
  )
  func orientations() throws {
    var first: Drawn?
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      for flips in 0..<8 {
        let reversed = (0..<3).map { flips >> $0 & 1 == 1 }
        let drawn = try draw(
          stored(order, reversed, Self.gray, isLabelMap: false),
          labels: stored(order, reversed, Self.label, isLabelMap: true), largest: 5)
        if let first {
          #expect(drawn == first, "\(order) \(reversed)")
        } else {
          first = drawn
        }
      }
    }
    let drawn = try #require(first)
    #expect((drawn.width, drawn.height) == (65, 96))
    // Right and front are bright.
    #expect(drawn[64, 0].red == 255 && drawn[0, 95].red == 0)
    // The label, which is in a single slice, lies left and in front.
    let color = VolumeInfo.Color(ofLabel: 5)
    let inside = drawn[17, 22]
    #expect(inside.red != inside.green || inside.green != inside.blue)
    #expect((color.red > color.green) == (inside.red > inside.green))
    #expect((color.blue > color.green) == (inside.blue > inside.green))
  }

  @Test("the slice is the one in the middle of the label, along each axis", arguments: Axis.allCases)
  func middle(axis: Axis) throws {
    let reader = GivenReader(VolumeInfo(extent: Extent(width: 11, height: 12, depth: 13), scalarType: .uint8))
    {
      voxel, _ in voxel[axis] >= 2 && voxel[axis] <= 8 ? 3 : voxel[axis] == 10 ? 4 : 0
    }
    #expect(try LabelMiddle.slice(of: 3, in: reader, across: axis) == 5)
    #expect(try LabelMiddle.slice(of: 4, in: reader, across: axis) == 10)
    #expect(try LabelMiddle.slice(of: 7, in: reader, across: axis) == nil)
  }

  @Test("voxels that are not cubes keep their shape")
  func shape() throws {
    let info = VolumeInfo(
      extent: Extent(width: 40, height: 40, depth: 9), scalarType: .uint8,
      metadata: VolumeMetadata(affine: Affine(spacing: PerAxis(x: 1, y: 3, z: 1))))
    let drawn = try draw(GivenReader(info) { voxel, _ in UInt8(voxel.x) })
    #expect((drawn.width, drawn.height) == (32, 96))
  }

  @Test("a picture of noise is not larger than a page can take, and one of a smooth scan is small")
  func bytes() throws {
    let extent = Extent(width: 256, height: 256, depth: 3)
    let noise = try draw(
      NoiseReader(info: VolumeInfo(extent: Extent(width: 96, height: 96), scalarType: .uint8)))
    #expect(noise.bytes < 6500)
    let smooth = try draw(
      GivenReader(VolumeInfo(extent: extent, scalarType: .uint8)) { voxel, _ in
        UInt8(min(255, (voxel.x - 128) * (voxel.x - 128) / 80 + (voxel.y - 100) * (voxel.y - 100) / 100))
      })
    #expect(smooth.bytes < SmallPicture.wantedBytes && smooth.pixels.contains { $0.red == 255 })
  }

  @Test("labels of another size, and labels that are not there, leave the scan as it is")
  func otherSize() throws {
    let extent = Extent(width: 20, height: 20, depth: 9)
    let scan = GivenReader(VolumeInfo(extent: extent, scalarType: .uint8)) { voxel, _ in UInt8(voxel.x) }
    let other = GivenReader(VolumeInfo(extent: Extent(9), scalarType: .uint8)) { _, _ in 1 }
    let empty = GivenReader(VolumeInfo(extent: extent, scalarType: .uint8)) { _, _ in 0 }
    let plain = try draw(scan)
    #expect(
      try draw(scan, labels: other, largest: 1) == plain && draw(scan, labels: empty, largest: 1) == plain)
    #expect(plain.pixels.allSatisfy { $0.red == $0.green && $0.green == $0.blue })
  }

  @Test("a label map of hundreds of labels is drawn in at most 256 colors")
  func manyLabels() throws {
    let info = VolumeInfo(extent: Extent(width: 96, height: 96), scalarType: .uint8, isLabelMap: true)
    let drawn = try draw(GivenReader(info) { voxel, _ in UInt8((voxel.x / 6 * 16 + voxel.y / 6) % 256) })
    let different = Set(drawn.pixels)
    #expect(different.count == 64)
  }

  @Test("one voxel, one row and a scan of one value have a picture")
  func tiny() throws {
    for extent in [Extent(1), Extent(width: 300, height: 1), Extent(width: 1, height: 1, depth: 300)] {
      let drawn = try draw(GivenReader(VolumeInfo(extent: extent, scalarType: .uint8)) { _, _ in 9 })
      #expect(max(drawn.width, drawn.height) == 96 && drawn.pixels.allSatisfy { $0.red == 0 }, "\(extent)")
    }
  }

  @Test("of a slice of millions of pixels, only some rows are read")
  func large() throws {
    final class Count: Sendable { let bytes = Mutex(0) }
    struct Wide: VolumeReader {
      let info = VolumeInfo(extent: Extent(width: 4000, height: 8000), scalarType: .uint8)
      let count: Count
      var isRandomAccess: Bool { true }
      func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
        count.bytes.withLock { $0 += destination.count }
        destination.initializeMemory(as: UInt8.self, repeating: UInt8(region.y.lowerBound / 32))
      }
    }
    let count = Count()
    let drawn = try draw(Wide(count: count))
    #expect((1...1_000_000).contains(count.bytes.withLock { $0 }))
    // The first rows lie behind, and so at the bottom.
    #expect(drawn[5, 95].red == 0 && drawn[5, 0].red == 255)
  }
}
