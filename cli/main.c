#include <stdio.h>

int main(void)
{
    puts("faultline");
    return 254;
}
