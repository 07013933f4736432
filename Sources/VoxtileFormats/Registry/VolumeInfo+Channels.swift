import Voxtile

extension VolumeInfo {
  /// What the channels are, where the file that the image came from says it of as many.
  package var channelMeaning: ChannelMeaning {
    guard channels > 1 else { return .unknown }
    var described = self
    if metadata.header == nil { described.metadata = VolumeMetadata(header: metadata.channelHeader) }
    return described.format?.channelMeaning(described) ?? .unknown
  }
}
