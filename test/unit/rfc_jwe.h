/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of the RFCs for encrypted tokens, as they stand there. */
#ifndef GATE_TEST_RFC_JWE_H
#define GATE_TEST_RFC_JWE_H

/* RFC 7516 appendix A.1: RSA-OAEP and A256GCM. */
#define RFC7516_A1_N                                                                                       \
    "oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1Dgj" \
    "T9LewND8MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv" \
    "6kc5twXTq4h-QChLOln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB" \
    "_4NUJW_TqOQtwHYbxevoJArm-L5StowjzGy-_bq6Gw"
#define RFC7516_A1_D                                                                                       \
    "kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9" \
    "gV8n9Hrh2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBw" \
    "txHIyh8Ripy40p24moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyr" \
    "j8ILL6MG_Uv8YAu7VILSB3lOW085-4qE3DzgrTjgyQ"
#define RFC7516_A1_P                                                                                       \
    "1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_h" \
    "I2_1eTSPVZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0"
#define RFC7516_A1_Q                                                                                       \
    "wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_" \
    "jKI1oma0Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc"
#define RFC7516_A1_DP                                                                                      \
    "ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4Nyqy" \
    "XPM5nULPkcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE"
#define RFC7516_A1_DQ                                                                                      \
    "Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt" \
    "0cj8qqyFpz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis"
#define RFC7516_A1_QI                                                                                      \
    "VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanO" \
    "sXGOAOv82cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY"
#define RFC7516_A1_OPEN "\"kty\":\"RSA\",\"n\":\"" RFC7516_A1_N "\",\"e\":\"AQAB\""
#define RFC7516_A1_OWN                                                                             \
    RFC7516_A1_OPEN ",\"d\":\"" RFC7516_A1_D "\",\"p\":\"" RFC7516_A1_P "\",\"q\":\"" RFC7516_A1_Q \
                    "\",\"dp\":\"" RFC7516_A1_DP "\",\"dq\":\"" RFC7516_A1_DQ "\",\"qi\":\"" RFC7516_A1_QI "\""
#define RFC7516_A1_PLAIN "The true sign of intelligence is not knowledge but imagination."
#define RFC7516_A1_TOKEN                                                                                   \
    "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckC" \
    "L9kiMT03JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da1" \
    "4B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0" \
    "je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.48V1_ALb6U" \
    "S04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZ" \
    "odetZdvTiFvSkQ"

/* A.2: the header of the example with RSA1_5. */
#define RFC7516_A2_HEADER "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0"

/* A.3: A128KW and A128CBC-HS256. */
#define RFC7516_A3_K "GawgguFyGrWKav7AX4VKUg"
#define RFC7516_A3_PLAIN "Live long and prosper."
#define RFC7516_A3_TOKEN                                                                                   \
    "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2Il" \
    "rT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ"

/* A.5: the flattened JSON serialization of A.3's content. */
#define RFC7516_A5_TOKEN                                                                                                          \
    "{\"protected\":\"eyJlbmMiOiJBMTI4Q0JDLUhTMjU2In0\",\"unprotected\":{\"jku\":\"https://server.example.com/keys.jwks\"},"      \
    "\"header\":{\"alg\":\"A128KW\",\"kid\":\"7\"},\"encrypted_key\":\"6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ\"," \
    "\"iv\":\"AxY8DCtDaGlsbGljb3RoZQ\",\"ciphertext\":\"KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY\","                           \
    "\"tag\":\"Mz-VPPyU4RlcuYv1IwIvzw\"}"

/* RFC 7518 appendix C: ECDH-ES. Alice's key is the ephemeral one. */
#define RFC7518_C_ALICE                                                                       \
    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0\"," \
    "\"y\":\"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps\""
#define RFC7518_C_BOB                                                                         \
    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ\"," \
    "\"y\":\"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck\""
#define RFC7518_C_BOB_D "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"
#define RFC7518_C_DERIVED "VqqN6vgjbSBcIijNcacQGg"

/* RFC 8037 appendix A.6: X25519. */
#define RFC8037_A6_BOB "\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08\""
#define RFC8037_A6_BOB_D "XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os"

#endif
