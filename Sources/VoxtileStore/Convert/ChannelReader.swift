import Voxtile

/// Reads one channel of an image: a time point, a vector component or a color.
struct ChannelReader: VolumeReader {
  let info: VolumeInfo
  private let source: any VolumeReader
  private let channel: Int

  /// - Parameter channel: its number, from 0.
  /// - Throws: `VoxtileError.Code.invalidOption` where the image has fewer channels.
  init(_ source: any VolumeReader, channel: Int) throws(VoxtileError) {
    guard (0..<source.info.channels).contains(channel) else {
      throw VoxtileError(
        .invalidOption,
        "has \(source.info.channels == 1 ? "1 channel" : "\(source.info.channels) channels"), so there is no channel "
          + "\(channel + 1)",
        context: .init(expected: "1 to \(source.info.channels)", found: "\(channel + 1)"))
    }
    self.source = source
    self.channel = channel
    var info = source.info
    info.channels = 1
    self.info = info
  }

  var isRandomAccess: Bool { source.isRandomAccess }

  func read(_ region: Region, into destination: UnsafeMutableRawBufferPointer) throws {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: source.info.byteCount(of: region), alignment: 16)
    defer { bytes.deallocate() }
    try source.read(region, into: bytes)
    let start = channel * destination.count
    destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + destination.count]))
  }
}
