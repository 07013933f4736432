import Testing

@testable import VoxtileReport

@Suite("PictureAxis")
struct PictureAxisTests {
  @Test("the picture voxels divide the image voxels into consecutive blocks that are never empty")
  func axis() {
    for length in 1...40 {
      for count in 1...length {
        let axis = PictureAxis(count: count, length: length)
        var next = 0
        for index in 0..<count {
          let sources = axis.sources(of: index)
          #expect(sources.lowerBound == next && !sources.isEmpty, "\(length) to \(count)")
          #expect(sources.allSatisfy { axis.target(of: $0) == index }, "\(length) to \(count)")
          #expect(sources.contains(axis.center(of: index)))
          next = sources.upperBound
        }
        #expect(next == length)
      }
    }
  }
}
