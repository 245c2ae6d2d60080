// Which sentence means the same? example_embeddings [MODEL]
#include <warmwire/client.hpp>

#include <cmath>
#include <iostream>
#include <vector>

namespace {

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0;
  double length_a = 0;
  double length_b = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    product += double{a[i]} * double{b[i]};
    length_a += double{a[i]} * double{a[i]};
    length_b += double{b[i]} * double{b[i]};
  }
  return product / std::sqrt(length_a * length_b);
}

}  // namespace

int main(int argc, char** argv) {
  warmwire::client ai;
  warmwire::embed_request texts;
  texts.model = argc > 1 ? argv[1] : "openai/text-embedding-3-small";
  texts.input = {"The cat sits on the mat.", "A kitten rests on a rug.", "Stocks fell on Monday."};

  const auto answer = ai.embed(texts);
  if (!answer) {
    std::cerr << answer.error().to_string() << '\n';
    return 1;
  }
  std::cout << answer->vectors[0].size() << " numbers for each text\n";
  for (std::size_t i = 1; i < texts.input.size(); ++i)
    std::cout << cosine(answer->vectors[0], answer->vectors[i]) << "  " << texts.input[i] << '\n';
}
