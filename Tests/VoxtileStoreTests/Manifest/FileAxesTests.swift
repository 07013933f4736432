import Testing
import Voxtile

@testable import VoxtileStore

@Suite("FileAxes")
struct FileAxesTests {
  @Test("only names of all three axes are axes")
  func names() {
    #expect(FileAxes(["x", "y", "z"]) == .asInImage)
    #expect(FileAxes(["-y", "z", "x"])?.names == ["-y", "z", "x"])
    for names in [
      ["x", "y"], ["x", "y", "x"], ["x", "-x", "z"], ["x", "y", "--z"], ["x", "y", "w"],
      ["x", "y", "z", "x"],
    ] {
      #expect(FileAxes(names) == nil, "\(names)")
    }
  }

  @Test("each voxel of a turned box lies where it lay, for all 48 turns")
  func turned() throws {
    let image = TestImage(Extent(width: 4, height: 3, depth: 2), channels: 2, .int32)
    let box = try image.volume(seed: 1, as: Int32.self)
    var count = 0
    for order in [
      ["x", "y", "z"], ["x", "z", "y"], ["y", "x", "z"], ["y", "z", "x"], ["z", "x", "y"], ["z", "y", "x"],
    ] {
      for signs in 0..<8 {
        let axes = try #require(FileAxes(order.enumerated().map { (signs >> $0 & 1 == 1 ? "-" : "") + $1 }))
        let turned = axes.turned(box)
        #expect(turned.extent == axes.fileExtent(of: box.extent))
        for channel in 0..<2 {
          for position in Region(turned.extent).extent.positions {
            // Where the voxel is in the box, axis by axis.
            var place = PerAxis(0)
            for (direction, index) in zip(axes.directions.all, [position.x, position.y, position.z]) {
              place[direction.axis] = direction.isReversed ? box.extent[direction.axis] - 1 - index : index
            }
            #expect(
              turned[x: position.x, y: position.y, z: position.z, channel: channel]
                == box[x: place.x, y: place.y, z: place.z, channel: channel])
            let world = turned.metadata.affine.world(
              x: Double(position.x), y: Double(position.y), z: Double(position.z))
            let due = box.metadata.affine.world(x: Double(place.x), y: Double(place.y), z: Double(place.z))
            #expect(zip(world.all, due.all).allSatisfy { abs($0 - $1) < 1e-9 })
          }
        }
        count += 1
      }
    }
    #expect(count == 48)
  }
}
