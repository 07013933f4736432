import Voxtile

extension VolumeInfo {
  /// What the channels are, where the file that the image came from says it of as many.
  package var channelMeaning: ChannelMeaning {
    guard channels > 1, let header = metadata.header ?? metadata.channelHeader else { return .unknown }
    var described = self
    described.metadata = VolumeMetadata(header: header)
    return described.format?.channelMeaning(described) ?? .unknown
  }
}
