// The three models without padding, for training: the sentences of a batch stand one after another
// (tensor/packed.h), and what the models compute for each word is the same, in the same order. The
// tests hold the losses and gradients to those of the padded batch.
#pragma once

#include "models/bahdanau.h"
#include "models/transformer.h"

namespace babelgrad {

// ids (source rows) -> outputs (source rows, num_hiddens)
inline Seq2SeqEncoder::Outputs packed(Seq2SeqEncoder& encoder, const Ints& ids, const Ints& lens) {
  return encoder(ids, lens);                    // a recurrent layer takes either
}

inline Tensor packed(TransformerEncoder& encoder, const Ints& ids, const Ints& lens) {
  Tensor X = encoder.embedding(ids) * std::sqrt(Real(encoder.num_hiddens));
  X = encoder.pos_encoding(X, positions(lens));
  ValidLens valid_lens = packed_spans(lens, lens);
  for (auto& blk : encoder.blks) X = blk(X, valid_lens);
  return X;
}

// ids (target rows) -> logits (target rows, vocab_size)
inline Tensor packed(Seq2SeqDecoder& decoder, const Ints& ids, const Seq2SeqDecoder::State& state,
                     const Ints& lens) {
  Tensor context = index_select(state.hidden_state.back(), 0, sentences(lens));
  Tensor embs_and_context = cat({decoder.embedding(ids), context}, -1);
  return decoder.dense(decoder.rnn(embs_and_context, state.hidden_state, lens).first);
}

// The first n sentences of a state.
inline RecurrentState first(const RecurrentState& state, int n) {
  if (state.H.dim(1) == n) return state;
  return {slice(state.H, 1, 0, n), state.C ? slice(state.C, 1, 0, n) : Tensor()};
}

// Step by step, the longest sentences first, so that at every step those which go on are the first.
inline Tensor packed(Seq2SeqAttentionDecoder& decoder, const Ints& ids,
                     const Seq2SeqAttentionDecoder::State& state, const Ints& lens) {
  Steps steps = packed_steps(lens);
  Spans spans = packed_spans(Ints(lens.shape(), 1), state.enc_valid_lens);
  spans = {take(spans.begin, steps.order), take(spans.count, steps.order), spans.most};
  RecurrentState hidden_state = take(state.hidden_state, steps.order);
  Tensor embs = decoder.embedding(take(ids, steps.rows));                // in the order of steps
  std::vector<Tensor> outputs{Tensor({0, decoder.rnn.num_hiddens})};
  for (int t = 0; t < steps.count(); t++) {
    int n = steps.size(t);
    Tensor query = first(hidden_state, n).back();                        // (n, num_hiddens)
    Tensor context = decoder.attention->attend(query, state.enc_outputs, spans.first(n));
    Tensor x = cat({context, slice(embs, 0, steps.begins[t], steps.begins[t + 1])}, -1);
    auto [out, hidden] = decoder.rnn(unsqueeze(x, 0), first(hidden_state, n));
    hidden_state = hidden;
    outputs.push_back(squeeze(out, 0));
  }
  Ints back(steps.rows.shape());                // from the order of steps to that of sentences
  for (Index i = 0; i < back.numel(); i++) back[steps.rows[i]] = int(i);
  return decoder.dense(index_select(cat(outputs, 0), 0, back));
}

inline Tensor packed(TransformerDecoder& decoder, const Ints& ids, TransformerDecoder::State state,
                     const Ints& lens) {
  Tensor X = decoder.embedding(ids) * std::sqrt(Real(decoder.num_hiddens));
  X = decoder.pos_encoding(X, positions(lens));
  state.enc_valid_lens = packed_spans(lens, state.enc_valid_lens.lens);
  state.dec_valid_lens = decoder.causal ? causal_spans(lens) : packed_spans(lens, lens);
  for (auto& blk : decoder.blks) std::tie(X, state) = blk(X, std::move(state));
  return decoder.dense(X);
}

// batch: src, src_valid_len, tgt, label as in data/batches.h
// -> logits (target tokens, vocab_size), labels (target tokens)
template <class EncoderType, class DecoderType, class Batch>
std::pair<Tensor, Ints> packed(Seq2Seq<EncoderType, DecoderType>& model, const Batch& batch) {
  Ints src_lens = batch.src_valid_len, tgt_lens = lengths(batch.label, model.tgt_pad);
  auto enc_all_outputs = packed(model.encoder, pack(batch.src, src_lens), src_lens);
  auto dec_state = model.decoder.init_state(enc_all_outputs, src_lens);
  Tensor Y_hat = packed(model.decoder, pack(batch.tgt, tgt_lens), dec_state, tgt_lens);
  return {Y_hat, pack(batch.label, tgt_lens)};
}

}  // namespace babelgrad
